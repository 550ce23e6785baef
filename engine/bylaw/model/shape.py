"""The shape of params, inputs, data and results: named fields, each a JSON Schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bylaw.base.plain import Plain, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One value that does not fit: the dotted path to it, what is wrong, what to send."""

    path: str
    message: str
    missing: bool = False
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Fields by name; a field without `default` is required.

    `fields` maps a name to its JSON Schema (Draft 2020-12). `check` returns the mismatches
    of a record whose defaults are filled in; unknown fields are mismatches too, unless the
    shape is `open`.
    """

    fields: Mapping[str, Record]
    open: bool = False
    check: Callable[[Record], tuple[Mismatch, ...]] = field(
        compare=False, hash=False, repr=False, default=lambda _: ()
    )

    @property
    def required(self) -> tuple[str, ...]:
        """Return the names of the fields that must be sent."""
        return tuple(name for name, schema in self.fields.items() if "default" not in schema)

    @property
    def defaults(self) -> dict[str, Plain]:
        """Return the values of the fields that need not be sent."""
        return {n: schema["default"] for n, schema in self.fields.items() if "default" in schema}

    def filled(self, record: Record) -> dict[str, Plain]:
        """Return the record with the defaults of what it does not have."""
        return {**self.defaults, **record}

    def schema(self) -> dict[str, Plain]:
        """Return the JSON Schema of the whole record."""
        whole: dict[str, Plain] = {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in self.fields.items()},
            "additionalProperties": self.open,
        }
        return {**whole, "required": list(self.required)} if self.required else whole


NOTHING = Shape(fields={})
