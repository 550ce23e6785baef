"""A page of a listing, in few words: what is most use first, and as much as is read at a glance.

Decides nothing. Whoever wants to know all of one action asks for it by name.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from bylaw.base.plain import Plain
from bylaw.model.action import ActionSource
from bylaw.model.policy import Effect
from bylaw.services.answer import is_empty
from bylaw.services.asking import Asking
from bylaw.services.catalogue import signature
from bylaw.services.deciding import warnings
from bylaw.services.listing import Line, Option
from bylaw.services.refusal import deciding, denial_text, next_calls
from bylaw.services.stepping import Stand

# Characters of JSON that a page has room for; with the sentence above it some 400 tokens.
ROOM = 1_200
# What of it the instances may take that the first page begins with.
FOR_INSTANCES = 480
RANK = attrgetter("rank")


@dataclass(slots=True, kw_only=True)
class Page:
    """The lines of a page by the member that they stand in; `taken` is how many they are."""

    actions: list[Plain] = field(default_factory=list)
    yours: dict[str, Plain] = field(default_factory=dict)
    blocked: list[Plain] = field(default_factory=list)
    taken: int = 0

    def put(self, line: Line, said: dict[str, Plain]) -> None:
        """Take a line."""
        self.taken += 1
        if line.option.blocked:
            self.blocked.append(said)
        elif line.option.action.source is ActionSource.OUTSIDE:
            self.yours |= said
        else:
            self.actions.append(said)


def page_of(asking: Asking, lines: list[Line], *, limit: int | None, room: int = ROOM) -> Page:
    """Return a page of at most so many lines; without a limit, of those that there is room for."""
    page = Page()
    for line in lines[:limit]:
        if line.said is None:
            line.said = _said(asking, line)
            line.size = len(json.dumps(line.said))
        room -= line.size
        if limit is None and room < 0 and page.taken:
            break
        page.put(line, dict(line.said))
    return page


def lines_of(asking: Asking, options: Iterable[Option]) -> list[Line]:
    """Return the lines of a listing: first what can be done with what is open."""
    lines: list[Line] = []
    steps: dict[str, Line] = {}
    for option in sorted(options, key=RANK):
        if option.stand is None:
            lines.append(option.line or Line(option=option))
            continue
        alike = json.dumps([option.action.name, _told(asking, option)])
        if alike not in steps:
            steps[alike] = Line(option=option)
            lines.append(steps[alike])
        steps[alike].instances.append(option.stand.instance.id)
    return lines


def open_instances(stands: Iterable[Stand]) -> Iterator[dict[str, Plain]]:
    """Yield where instances stand, as many as there is room for."""
    room = FOR_INSTANCES
    for stand in stands:
        said: dict[str, Plain] = {"instance": stand.instance.id, "state": stand.state}
        room -= len(json.dumps(said))
        if room < 0:
            return
        yield said


def _said(asking: Asking, line: Line) -> dict[str, Plain]:
    option, ids = line.option, line.instances
    if not option.blocked and option.action.source is ActionSource.OUTSIDE:
        return {option.action.name: _yours(option)}
    on: dict[str, Plain] = {"instances": ids} if len(ids) > 1 else {"instance": "".join(ids)}
    said = {"action": option.action.name, **on, **_told(asking, option)}
    return {name: value for name, value in said.items() if not is_empty(value)}


def _told(asking: Asking, option: Option) -> dict[str, Plain]:
    return _blocked(asking, option) if option.blocked else _free(option)


def _free(option: Option) -> dict[str, Plain]:
    depends = {*option.decision.depends, *(option.possible.depends if option.possible else ())}
    return {
        "params": signature(option.action),
        "about": _first_sentence(option.action.description),
        "depends": sorted(depends),
        "warnings": warnings(option.decision),
    }


def _blocked(asking: Asking, option: Option) -> dict[str, Plain]:
    held = option.possible.reason if option.possible is not None else None
    if held is not None:
        instance = option.stand.instance if option.stand is not None else None
        calls = next_calls(asking, [(held.advice, held.message)], instance=instance)
        return {"why": held.message, "next": _best(calls)}
    findings = deciding(option.decision)
    advices = [(finding.advice, finding.message) for finding in findings]
    return {
        "why": denial_text(option.decision),
        "needs_approval": True if option.decision.verdict is Effect.ASK else None,
        "next": _best(next_calls(asking, advices)),
    }


def _best(calls: list[Plain]) -> list[Plain]:
    """Return the one advice that a listing has room for: a call before words."""
    return [one for one in calls if "say" not in one][:1] or calls[:1]


def _yours(option: Option) -> str:
    """Return the params of what the caller does itself; a rule may read those with a `!`."""
    depends = option.decision.depends
    return ", ".join(
        f"{part}!" if part.partition(":")[0].rstrip("?") in depends else part
        for part in signature(option.action).split(", ")
    )


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".")
