"""`get_available_actions`: what the caller may do now, what is blocked, and how to unlock it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bylaw.base.errors import StoreUnavailable
from bylaw.base.plain import Plain
from bylaw.decide.environment import about
from bylaw.decide.policy import decide
from bylaw.decide.who import caller_holds
from bylaw.decide.workflow import possible
from bylaw.model.action import Action, ActionSource
from bylaw.model.instance import Instance, Reason
from bylaw.model.policy import Effect
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import NO_ACTION, Asking
from bylaw.services.catalogue import example_params, find_action, signature
from bylaw.services.deciding import advice_of, warnings
from bylaw.services.house import House
from bylaw.services.listing import Option, Plan, Plans, listed_decision
from bylaw.services.page import ROOM, lines_of, open_instances, page_of
from bylaw.services.persona import consulted
from bylaw.services.refusal import because, deciding, denial_text, next_calls
from bylaw.services.stepping import Stand, Stepping, possible_in
from bylaw.store.store import Transaction

NO_STORE = (
    "The store does not answer: instances are not listed, and runs are refused until it does."
)
CURSOR_DIGITS = 6
# The open instances that one answer walks through; a filter with an id finds the others.
INSTANCES = 20
# The blocked instances that the description of one action goes into.
DESCRIBED = 3
LOST = "The definition that it follows is not in the store any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one listing goes by."""

    options: list[Option]
    stands: list[Stand]
    lost: list[Instance]
    store_ok: bool = True


class AvailableActions:
    """Lists options; with `action` it describes one in full."""

    def __init__(self, house: House, stepping: Stepping) -> None:
        """List with these."""
        self._house = house
        self._stepping = stepping
        self._plans = Plans()

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `get_available_actions`."""
        narrowed = _narrowed(asking, arguments.get("access"))
        if isinstance(narrowed, Refusal):
            return narrowed
        seen = await self._seen(narrowed)
        name = arguments.get("action")
        if name is not None:
            return self._described(narrowed, name, seen, explain=bool(arguments.get("explain")))
        return _listed(narrowed, seen, arguments)

    async def _seen(self, asking: Asking) -> Seen:
        plan = self._plans.of(asking)
        try:
            async with self._house.store.read() as tx:
                return await self._all(tx, asking, plan)
        except StoreUnavailable:
            options = await plan.options(None, asking)
            return Seen(options=options, stands=[], lost=[], store_ok=False)

    async def _all(self, tx: Transaction, asking: Asking, plan: Plan) -> Seen:
        stands, lost = await self._stands(tx, asking, plan)
        steps = [option for stand in stands for option in _steps(asking, stand, plan.granted)]
        options = [*steps, *await plan.options(tx, asking)]
        return Seen(options=options, stands=stands, lost=lost)

    async def _stands(
        self, tx: Transaction, asking: Asking, plan: Plan
    ) -> tuple[list[Stand], list[Instance]]:
        """Return where instances stand, and those that have lost their definition."""
        found = await tx.instances.open_of(asking.caller.scope, limit=INSTANCES)
        mine = (instance for instance in found if instance.workflow in plan.workflows)
        return await self._stepping.standing(tx, asking, mine)

    def _described(
        self, asking: Asking, name: str, seen: Seen, *, explain: bool
    ) -> Answer | Refusal:
        found = find_action(asking, name)
        if isinstance(found, Refusal):
            return found
        action = found.action
        options = [one for one in seen.options if one.action.name == action.name]
        decision = options[0].decision if options else listed_decision(asking, action, known={})
        targets = [one.stand.instance.id for one in _free_first(options) if one.stand is not None]
        blocked = [one for one in options if one.blocked]
        outside = action.source is ActionSource.OUTSIDE
        return answer(
            f"`{action.name}`: {action.description}{_nowhere(asking, action, targets)}",
            action=action.name,
            done_by="you, with your own tools" if outside else "Bylaw",
            schema=action.params.schema(),
            example=_example(action, targets),
            instances=targets,
            tags=sorted(action.tags),
            blocked=[_blocked(asking, one) for one in blocked[:DESCRIBED]],
            depends=list(decision.depends),
            warnings=warnings(decision),
            because=[because(one) for one in decision.because] if explain else [],
            **(consulted(decision) if explain else {}),
            repaired=list(found.repaired),
        )


def _free_first(options: list[Option]) -> list[Option]:
    return sorted(options, key=lambda one: one.blocked)


def _nowhere(asking: Asking, action: Action, targets: list[str]) -> str:
    """Say in which states a step is possible, where no open instance is in one of them."""
    if action.source is not ActionSource.WORKFLOW or targets:
        return ""
    workflow = asking.snapshot.workflows[action.workflow or ""]
    where = possible_in(workflow, action.name)
    return f" It is possible {where}; no open `{workflow.name}` is there."


def _example(action: Action, targets: list[str]) -> dict[str, Plain]:
    arguments: dict[str, Plain] = {"action": action.name, "params": example_params(action)}
    if action.source is ActionSource.EVENT:
        event = action.name.removeprefix("event.")
        params = arguments["params"]
        return call_of("trigger_event", "Fill in what is meant.", event=event, params=params)
    if action.source is ActionSource.BUILT_IN:
        tool = "update_context" if action.name == "context.write" else "get_context_data"
        return call_of(tool, "Fill in what is meant.", **example_params(action))
    if targets:
        arguments["instance"] = targets[0]
    tool = "enforce" if action.source is ActionSource.OUTSIDE else "run_action"
    return call_of(tool, "Fill in what is meant.", **arguments)


def _narrowed(asking: Asking, access: str | None) -> Asking | Refusal:
    if access is None:
        return asking
    modes = tuple(mode for mode in asking.modes if mode.name == access)
    if not modes:
        names = [mode.name for mode in asking.modes]
        yours = f"Yours: {', '.join(f'`{name}`' for name in names) or 'none'}."
        look = call_of("get_available_actions", "See what you may do in all of them.")
        text = f"You do not have the access mode `{access}`. {yours}"
        return refusal("unknown", text, next=[look])
    return Asking(
        caller=asking.caller,
        snapshot=asking.snapshot,
        now=asking.now,
        modes=modes,
        session=asking.session,
        facts=asking.facts,
    )


def _steps(asking: Asking, stand: Stand, granted: Mapping[str, Action]) -> Iterator[Option]:
    env = asking.env(NO_ACTION, {}, workflow=stand.record)
    for one in possible(stand.workflow, stand.instance, env, asking.now):
        action = granted.get(one.action)
        if action is not None:
            own = about(env, action, action.params.defaults)
            decision = decide(asking.snapshot, action, own, listing=True, without=asking.without)
            yield Option(action=action, stand=stand, possible=one, decision=decision)


def _listed(asking: Asking, seen: Seen, arguments: Mapping[str, Plain]) -> Answer | Refusal:
    words = arguments.get("filter", "")
    wanted = [one for one in seen.options if _fits(one, words)] if words else seen.options
    start = _offset(arguments.get("cursor", "0"))
    lines = lines_of(asking, wanted)
    if start is None or start > len(lines):
        return _no_page(words)
    stands = _meant(seen.stands, wanted, words)
    open_now = [*open_instances(stands), *_lost(seen)] if start == 0 else []
    room = ROOM - len(json.dumps(open_now))
    page = page_of(asking, lines[start:], limit=arguments.get("limit"), room=room)
    end = start + page.taken
    more = end < len(lines)
    reports = {} if words or start else _reports(asking)
    return answer(
        _summary(wanted, words=words, more=more, reports=len(reports)),
        actions=page.actions,
        yours=page.yours,
        blocked=page.blocked,
        events=reports,
        instances=open_now,
        cursor=str(end) if more else None,
        warnings=[] if seen.store_ok else [NO_STORE],
        next=[] if wanted else _unfiltered(words),
    )


def _meant(stands: list[Stand], wanted: list[Option], words: str) -> list[Stand]:
    """Return the instances that a listing is about: with a filter, those that it left."""
    if not words:
        return stands
    left = {option.stand.instance.id for option in wanted if option.stand is not None}
    return [stand for stand in stands if stand.instance.id in left]


def _reports(asking: Asking) -> dict[str, Plain]:
    """Return the events that the caller may report, with their params."""
    actions = asking.snapshot.actions
    granted = [
        (event, actions[f"event.{event.name}"])
        for event in asking.snapshot.events.values()
        if event.who is not None and asking.granted(actions[f"event.{event.name}"])
    ]
    env = asking.env(NO_ACTION, {}) if granted else {}
    return {
        event.name: signature(action)
        for event, action in granted
        if event.who is not None and caller_holds(event.who, env) is True
    }


def _lost(seen: Seen) -> list[dict[str, Plain]]:
    return [{"instance": one.id, "version": one.version, "why": LOST} for one in seen.lost]


def _unfiltered(words: str) -> list[Plain]:
    return [call_of("get_available_actions", "See all that you may do.")] if words else []


def _no_page(words: str) -> Refusal:
    look = call_of("get_available_actions", "See the first page.", filter=words)
    text = "There is no such page: send `cursor` as the last answer gave it."
    return refusal("bad-params", text, next=[look])


def _summary(wanted: list[Option], *, words: str, more: bool, reports: int) -> str:
    if reports and not wanted:
        return f"You may report with trigger_event: {reports}."
    if not wanted:
        what = f"Nothing fits `{words}`" if words else "There is nothing"
        return f"{what} that you may do."
    free = [one for one in wanted if not one.blocked]
    outside = sum(one.action.source is ActionSource.OUTSIDE for one in free)
    inside, blocked = len(free) - outside, len(wanted) - len(free)
    parts = [f"{inside} with run_action"] if inside else []
    if outside:
        parts.append(
            f"{outside} with your own tools (`yours`; enforce first if a param has a `!`)"
        )
    text = f"You may do now: {', '.join(parts) or 'nothing'}."
    text = f"{text} Blocked: {blocked}." if blocked else text
    text = f"{text} To report with trigger_event: {reports}." if reports else text
    return f"{text} This is a part: for more, `cursor` or a `filter`." if more else text


def _offset(cursor: str) -> int | None:
    plain = cursor.isascii() and cursor.isdigit() and len(cursor) <= CURSOR_DIGITS
    return int(cursor) if plain else None


def _fits(option: Option, words: str) -> bool:
    action = option.action
    if words.startswith("tag:"):
        return words.removeprefix("tag:") in action.tags
    if any(character in words for character in "*?["):
        return fnmatchcase(action.name, words)
    instance = option.stand.instance.id if option.stand is not None else ""
    text = f"{action.name} {action.description} {instance}".lower()
    return all(word in text for word in words.lower().split())


def _blocked(asking: Asking, option: Option) -> dict[str, Plain]:
    said: dict[str, Plain] = {"action": option.action.name}
    if option.stand is not None:
        said["instance"] = option.stand.instance.id
    held = option.possible.reason if option.possible is not None else None
    said |= _held(asking, option, held) if held is not None else _ruled(asking, option)
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _held(asking: Asking, option: Option, held: Reason) -> dict[str, Plain]:
    instance = option.stand.instance if option.stand is not None else None
    return {
        "why": held.message,
        "rule": held.ref,
        "at": held.place.short,
        "next": next_calls(asking, [(held.advice, held.message)], instance=instance),
    }


def _ruled(asking: Asking, option: Option) -> dict[str, Plain]:
    findings = deciding(option.decision)
    return {
        "why": denial_text(option.decision),
        "needs_approval": True if option.decision.verdict is Effect.ASK else None,
        "rule": findings[0].rule,
        "at": findings[0].place.short,
        "next": advice_of(asking, findings, option.action),
    }
