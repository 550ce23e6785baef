"""Drafts: frozen dataclasses with slots, made as fast as plain classes are.

A frozen class guards every assignment, its own `__init__` pays for that with each field, and
where one is made at every step and decision that is most of the cost. A draft has the same
slots without the guard; when it is filled, its class becomes the frozen one.
"""

from typing import Any


def draft_of(frozen: Any) -> type:
    """Return the class to fill in the place of a frozen dataclass with slots, slot by slot.

    Fill every slot, then set `__class__` to the frozen class; from then on it is one like any
    other. A slot that stays empty has no value, also if the field has a default.
    """
    slots = {"__slots__": frozen.__slots__}
    return type(f"{frozen.__name__}Draft", frozen.__bases__, slots)
