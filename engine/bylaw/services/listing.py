"""What a listing says of actions without an instance, remembered where it stays the same.

Most rules read the call alone: until its params are sent, they say the same at every call of the
same caller. Those are decided once, and again after a reload that touched their rules; the
others anew at every call.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bylaw.base.plain import Plain, Record
from bylaw.decide.index import table_of
from bylaw.decide.policy import decide
from bylaw.decide.workflow import Possible, startable
from bylaw.model.access import AccessMode
from bylaw.model.action import Action, ActionSource
from bylaw.model.actor import Actor, Who
from bylaw.model.advice import Instead
from bylaw.model.condition import Condition, Value
from bylaw.model.decision import Decision
from bylaw.model.index import RuleTable
from bylaw.model.policy import Rule
from bylaw.model.snapshot import Snapshot
from bylaw.services.asking import Asking
from bylaw.services.catalogue import visible
from bylaw.services.resource import resource_key, resource_of
from bylaw.services.stepping import Stand
from bylaw.store.store import Transaction

LISTED = frozenset({ActionSource.START, ActionSource.HTTP, ActionSource.OUTSIDE})
# What is the same at every call of one caller, or not known before the call.
STEADY = frozenset({"action", "actor", "params", "resource", "scope"})
# Callers whose listings are remembered; a listing is a few references.
REMEMBERED = 256

# Behind the steps of instances; what a caller does itself stands last of what is free.
RANKS = {ActionSource.START: 2, ActionSource.OUTSIDE: 4}
BLOCKED_STEP, OTHERS, BLOCKED = 1, 3, 5

Key = tuple[str, Actor, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that could be done: an action, on an instance or not, and what is in its way.

    `blocked` says whether it cannot be done now; `rank` is 0 for what stands first in a listing.
    `line` is kept where the same is said of it at every call.
    """

    action: Action
    stand: Stand | None = None
    possible: Possible | None = None
    decision: Decision
    blocked: bool = field(init=False)
    rank: int = field(init=False)
    line: "Line | None" = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Judge it once: a listing looks at all of them several times."""
        held = self.possible is not None and self.possible.reason is not None
        object.__setattr__(self, "blocked", held or not self.decision.allowed)
        object.__setattr__(self, "rank", _rank(self))

    def kept(self) -> "Option":
        """Return it with a line that is said once for all calls."""
        object.__setattr__(self, "line", Line(option=self))
        return self


@dataclass(slots=True, kw_only=True)
class Line:
    """An option, and on which instances the very same is to be said of it.

    `said` are the words, once they were needed, and `size` is how long they are as JSON.
    """

    option: Option
    instances: list[Plain] = field(default_factory=list)
    said: Record | None = None
    size: int = 0


def _rank(option: Option) -> int:
    if option.blocked:
        return BLOCKED_STEP if option.stand is not None and _can_change(option) else BLOCKED
    return RANKS.get(option.action.source, OTHERS) if option.stand is None else 0


def _can_change(option: Option) -> bool:
    """Say whether the caller may ever do it, or at least has something to do instead."""
    held = option.possible.reason if option.possible is not None else None
    return held is None or not held.who or held.advice is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a caller is granted: the whole by name, and what a listing says of it.

    `parts` are in catalogue order; an action stands for itself where it is decided anew.
    """

    snapshot: Snapshot
    modes: tuple[AccessMode, ...]
    granted: Mapping[str, Action]
    workflows: frozenset[str]
    parts: tuple[Option | Action, ...]

    async def options(self, tx: Transaction | None, asking: Asking) -> list[Option]:
        """Return the options of a moment; without the store no rule knows a record."""
        return [
            part if isinstance(part, Option) else await _option(tx, asking, part)
            for part in self.parts
        ]


class Plans:
    """The plans of callers on the live snapshot."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[Key, Plan] = {}

    def of(self, asking: Asking) -> Plan:
        """Return the plan of a caller, as its modes are now."""
        means = (_names(asking.modes), asking.without)
        key = (asking.caller.scope, asking.caller.actor, means)
        kept = self._kept.get(key)
        if kept is not None and kept.snapshot is asking.snapshot:
            return kept
        if len(self._kept) >= REMEMBERED:
            self._kept.clear()
        same = kept is not None and _says_the_same(kept, asking)
        self._kept[key] = carried(kept, asking) if kept and same else plan_of(asking)
        return self._kept[key]


def plan_of(asking: Asking) -> Plan:
    """Return what a caller is granted, with what stays the same decided."""
    granted = visible(asking)
    return Plan(
        snapshot=asking.snapshot,
        modes=asking.modes,
        granted={action.name: action for action in granted},
        workflows=frozenset(action.workflow for action in granted if action.workflow),
        parts=tuple(_part(asking, action) for action in granted if action.source in LISTED),
    )


def carried(plan: Plan, asking: Asking) -> Plan:
    """Return a plan for a newer snapshot: only what has other rules is decided anew."""
    return replace(
        plan,
        snapshot=asking.snapshot,
        parts=tuple(_carried(part, plan.snapshot, asking) for part in plan.parts),
    )


def _says_the_same(plan: Plan, asking: Asking) -> bool:
    """Say whether the same is granted; advice names actions, so that all of them count."""
    return plan.modes == asking.modes and plan.snapshot.actions == asking.snapshot.actions


def _carried(part: Option | Action, before: Snapshot, asking: Asking) -> Option | Action:
    action = part.action if isinstance(part, Option) else part
    table = asking.snapshot.rules.get(action.name)
    same = table is not None and table is before.rules.get(action.name)
    return part if same else _part(asking, action)


def listed_decision(asking: Asking, action: Action, *, known: Mapping[str, object]) -> Decision:
    """Ask the policies about an action of which only the defaults are known."""
    env = asking.env(action, action.params.defaults, known=known)
    return decide(asking.snapshot, action, env, listing=True, without=asking.without)


def is_steady(table: RuleTable) -> bool:
    """Say whether the rules of an action read only what is the same at every call."""
    return all(path.partition(".")[0] in STEADY for path in reads(table))


async def _option(tx: Transaction | None, asking: Asking, action: Action) -> Option:
    could = None
    if action.source is ActionSource.START:
        workflow = asking.snapshot.workflows[action.workflow or ""]
        could = startable(workflow, asking.env(action, action.params.defaults))
    defaults = action.params.defaults
    known = await resource_of(tx, asking, action, defaults) if tx is not None else {}
    return Option(
        action=action, possible=could, decision=listed_decision(asking, action, known=known)
    )


def _part(asking: Asking, action: Action) -> Option | Action:
    if action.source is ActionSource.START or not is_steady(table_of(asking.snapshot, action)):
        return action
    if resource_key(asking, action, action.params.defaults) is not None:
        return action
    # Kept for as long as the snapshot: without the call that it was made for.
    decision = listed_decision(asking, action, known={}).whole()
    return Option(action=action, decision=decision).kept()


def _names(modes: Iterable[AccessMode]) -> tuple[object, ...]:
    """Return what modes are known by; those that an agent has within others' with them."""
    return tuple(
        mode.name if mode.within is None else (mode.name, _names(mode.within)) for mode in modes
    )


def reads(table: RuleTable) -> Iterator[str]:
    """Return the names that rules and checks about an action read."""
    for bound in table.rules:
        yield from _rule_reads(bound.rule)
        if bound.policy.until is not None:
            yield "now"
    for one in table.personas:
        for check in one.checks:
            yield from _read_by(check.when, check.unless, check.advice)


def _rule_reads(rule: Rule) -> Iterator[str]:
    yield from _read_by(rule.when, rule.message, rule.message_user, *rule.change.values())
    yield from _group_reads(rule.who)
    yield from _instead_reads(rule.instead)
    for excuse in rule.excuses:
        yield from _read_by(excuse.when)
        yield from _group_reads(excuse.who)
        if excuse.until is not None:
            yield "now"


def _group_reads(who: Who | None) -> Iterator[str]:
    if who is not None:
        yield from _read_by(*who.groups.values())


def _instead_reads(instead: Instead | None) -> Iterator[str]:
    if instead is not None:
        yield from _read_by(instead.say, instead.params, instead.command)


def _read_by(*parts: Condition | Value | None) -> Iterator[str]:
    for part in parts:
        if part is not None:
            yield from part.reads
