"""From dataclasses to the values of a row: columns are named as fields are."""

from collections.abc import Mapping
from typing import Any


def values_of(thing: Any) -> dict[str, Any]:
    """Return the values of a dataclass with slots; mappings become what JSON knows."""
    return {name: plain(getattr(thing, name)) for name in thing.__slots__}


def plain(value: Any) -> Any:
    """Return a mapping as a dict, all else as it is."""
    return dict(value) if isinstance(value, Mapping) else value
