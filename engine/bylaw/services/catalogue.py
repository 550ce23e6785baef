"""Finding an action by name among what the caller may see, and checking its params."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bylaw.base.names import folded, nearest
from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action, ActionSource
from bylaw.model.shape import Mismatch
from bylaw.services.answer import Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.tools import BY_NAME

# How many names a refusal proposes.
NEAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An action of the catalogue that the caller is granted; `repaired` says how it was meant."""

    action: Action
    repaired: tuple[str, ...] = ()


def find_action(asking: Asking, name: str, *, resource: str | None = None) -> Found | Refusal:
    """Return the action of this name. `-` and `_` are alike; nothing else is guessed."""
    exact = asking.snapshot.actions.get(name)
    if exact is not None:
        granted = asking.granted(exact, resource)
        return Found(action=exact) if granted else unknown_action(asking, name)
    alike = [a for a in visible(asking, resource) if folded(a.name) == folded(name)]
    if len(alike) != 1:
        return unknown_action(asking, name)
    return Found(action=alike[0], repaired=(f"`{name}` was read as `{alike[0].name}`",))


def visible(asking: Asking, resource: str | None = None) -> list[Action]:
    """Return the actions that the caller's modes grant, in catalogue order."""
    return [
        action for action in asking.snapshot.actions.values() if asking.granted(action, resource)
    ]


def unknown_action(asking: Asking, name: str) -> Refusal:
    """Refuse what is not there; what is not granted is answered the same."""
    if name in BY_NAME:
        text = f"`{name}` is a tool, not an action: call it by itself."
        return refusal("unknown", text, action=name, next=[call_of(name, "It is a tool.")])
    near = near_actions(name, [action.name for action in visible(asking)])
    hint = f" Did you mean {' or '.join(f'`{word}`' for word in near)}?" if near else ""
    look = call_of("get_available_actions", "See what you may do.", filter=near[0] if near else "")
    return refusal("unknown", f"There is no action `{name}`.{hint}", action=name, next=[look])


def near_actions(name: str, names: list[str]) -> tuple[str, ...]:
    """Return the names that may have been meant; `submit` may mean `code-review.submit`."""
    end = f".{folded(name)}"
    tails = [one for one in names if folded(one).endswith(end)]
    return tuple(tails[:NEAR]) or nearest(name, names, limit=NEAR)


def checked_params(action: Action, params: Record) -> dict[str, Plain] | Refusal:
    """Return the params with their defaults, or say what does not fit.

    What an agent does itself may be asked about before everything is known: there a missing
    param is no mistake, and the rules that read it say so.
    """
    filled = action.params.filled(params)
    wrong = action.params.check(filled)
    if action.source is ActionSource.OUTSIDE:
        wrong = tuple(mismatch for mismatch in wrong if not mismatch.missing)
    return filled if not wrong else bad_params(action, wrong)


def bad_params(action: Action, wrong: tuple[Mismatch, ...]) -> Refusal:
    """Refuse params that do not fit, each with what is wrong and what to send."""
    lacking: list[Plain] = [
        {"param": mismatch.path, "type": mismatch.expected, "why": f"`{action.name}` needs it"}
        for mismatch in wrong
        if mismatch.missing
    ]
    look = call_of("get_available_actions", "See its params and an example.", action=action.name)
    return refusal(
        "bad-params",
        " ".join(f"{mismatch.message}." for mismatch in wrong[:5]),
        action=action.name,
        missing=lacking,
        next=[look],
    )


@lru_cache(maxsize=2048)
def signature(action: Action) -> str:
    """Return the params in short: `summary, draft?: boolean`; what names no type is a text."""
    return ", ".join(
        f"{name}{'?' if 'default' in schema else ''}{_typed(schema)}"
        for name, schema in action.params.fields.items()
    )


def _typed(schema: Mapping[str, Plain]) -> str:
    word = type_word(schema)
    return "" if word == "string" else f": {word}"


def type_word(schema: Mapping[str, Plain]) -> str:
    """Return a JSON Schema in a word or two: `text`, `passed|failed`."""
    if "enum" in schema:
        return "|".join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    return "/".join(kind) if isinstance(kind, list) else str(kind)


def example_params(action: Action) -> dict[str, Plain]:
    """Return params of the right shape, to be filled with what is meant."""
    return {
        name: example_value(name, schema)
        for name, schema in action.params.fields.items()
        if "default" not in schema
    }


def example_value(name: str, schema: Mapping[str, Plain]) -> Plain:
    """Return a value that fits most schemas of one field."""
    if "enum" in schema:
        return schema["enum"][0]
    samples: dict[str, Plain] = {"integer": 1, "number": 1, "boolean": True, "array": []}
    kind = schema.get("type", "string")
    return samples.get(kind if isinstance(kind, str) else kind[0], f"<{name}>")
