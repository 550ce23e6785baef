"""The actions that every house has: the engine's own, and what agents do themselves.

The names of an agent's doings are canonical, so that one rule holds for every client. A document
of kind `action` with one of these names gives it an executor or a better description.
"""

from collections.abc import Mapping
from functools import cache

from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.compile.shape import shape_of
from bylaw.model.action import Action, ActionSource

BUILT_IN_PLACE = Place("built-in")

PATH = {"type": "string", "minLength": 1, "description": "The file, relative to the repository."}
NO = {"type": "boolean", "default": False}
TEXT = {"type": "string", "default": ""}

# Each with its description, params and tags.
OUTSIDE: Mapping[str, tuple[str, Record, tuple[str, ...]]] = {
    "file.read": ("Read a file.", {"path": PATH}, ("read-only",)),
    "file.search": (
        "Search files by name or content.",
        {"path": {**PATH, "default": "."}, "pattern": TEXT},
        ("read-only",),
    ),
    "file.write": ("Create or change a file.", {"path": PATH, "content": TEXT}, ()),
    "file.delete": (
        "Delete a file or a folder.",
        {"path": PATH, "recursive": NO, "force": NO},
        ("destructive",),
    ),
    "shell.run": ("Run a shell command.", {"command": {"type": "string", "minLength": 1}}, ()),
    "git.commit": ("Commit changes.", {"message": TEXT, "branch": TEXT, "repo": TEXT}, ()),
    "git.push": (
        "Push a branch.",
        {
            "branch": {"type": "string", "minLength": 1},
            "remote": {"type": "string", "default": "origin"},
            "force": NO,
            "repo": TEXT,
        },
        (),
    ),
    "git.merge": (
        "Merge a branch into another.",
        {
            "branch": {"type": "string", "minLength": 1},
            "into": {"type": "string", "minLength": 1},
            "commit": TEXT,
            "repo": TEXT,
        },
        (),
    ),
    "git.tag": ("Tag a commit.", {"tag": {"type": "string", "minLength": 1}, "repo": TEXT}, ()),
    "web.fetch": ("Fetch a page.", {"url": {"type": "string", "minLength": 1}}, ()),
    "session.start": ("Begin a session.", {"mode": TEXT}, ("read-only",)),
    "session.stop": ("End a session.", {"reason": TEXT}, ("read-only",)),
}

KEY = {
    "type": "string",
    "pattern": "^[a-z0-9][a-z0-9._-]*(/[a-zA-Z0-9][a-zA-Z0-9._-]*)*$",
    "maxLength": 200,
    "description": "The record, as `collection/name`.",
}

# These two are carried out by the tools get_context_data and update_context.
BUILT_IN: Mapping[str, tuple[str, Record, tuple[str, ...]]] = {
    "context.read": ("Read a shared record.", {"key": KEY}, ("read-only",)),
    "context.write": (
        "Write a shared record.",
        {
            "key": KEY,
            "value": {"description": "The record, or the fields to change."},
            "mode": {"enum": ["merge", "replace", "append"], "default": "merge"},
        },
        (),
    ),
}


@cache
def built_in_actions() -> tuple[Action, ...]:
    """Return the actions that no document declares."""
    outside = (_action(name, entry, ActionSource.OUTSIDE) for name, entry in OUTSIDE.items())
    own = (_action(name, entry, ActionSource.BUILT_IN) for name, entry in BUILT_IN.items())
    return (*outside, *own)


def _action(
    name: str, entry: tuple[str, Mapping[str, Plain], tuple[str, ...]], source: ActionSource
) -> Action:
    description, params, tags = entry
    return Action(
        name=name,
        description=description,
        source=source,
        params=shape_of(params),
        tags=frozenset(tags),
        place=BUILT_IN_PLACE,
    )
