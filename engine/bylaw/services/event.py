"""`trigger_event`: something happened outside; instances that it concerns take a step."""

from collections.abc import Mapping
from dataclasses import replace

from bylaw.base.names import nearest
from bylaw.base.plain import Plain
from bylaw.decide.who import who_holds
from bylaw.decide.workflow import EventTarget, event_targets
from bylaw.model.action import ActionSource
from bylaw.model.event import Event
from bylaw.model.instance import Instance
from bylaw.model.workflow import Workflow
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import checked_params, find_action, visible
from bylaw.services.deciding import Entry, Verdict, judged, refused_by, warnings
from bylaw.services.house import House
from bylaw.services.reacting import TOOL, Reacting
from bylaw.services.report import Report
from bylaw.services.stepping import Stepping
from bylaw.services.writing import Writing
from bylaw.store.store import Transaction

MEMBERS = ("instance", "state", "version", "started", "repeated")


class TriggerEvent:
    """Reports events; each instance has a transaction of its own."""

    def __init__(self, house: House, stepping: Stepping, writing: Writing) -> None:
        """Report with these."""
        self._house = house
        self._reacting = Reacting(house, stepping, writing)

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `trigger_event`."""
        name = str(arguments["event"]).removeprefix("event.")
        found = find_action(asking, f"event.{name}")
        if isinstance(found, Refusal):
            return _unknown(asking, name, found)
        params = checked_params(found.action, arguments.get("params", {}))
        if isinstance(params, Refusal):
            return params
        verdict = judged(asking, found.action, params, id=self._house.new_id("dec"))
        report = Report(
            asking=asking,
            event=asking.snapshot.events[found.action.name.removeprefix("event.")],
            action=found.action,
            params=verdict.decision.params,
            arguments=arguments,
            verdict=verdict,
        )
        denied = refused_by(asking, verdict) or not_yours(asking, report.event, verdict)
        outcome = "refused" if denied is not None else "reported"
        entry = Entry(verdict=verdict, tool=TOOL, params=params, outcome=outcome)
        async with self._house.store.write() as tx:
            await self._house.journal.write(tx, asking, entry)
        return denied if denied is not None else await self._report(report)

    async def _report(self, report: Report) -> Answer | Refusal:
        only = report.arguments.get("instance")
        targets = await self._targets(report, only)
        if only is not None and only not in targets:
            look = call_of("get_workflow_state", "See the open ones.")
            text = f"No open instance `{only}` reacts to `{report.event.name}` with these params."
            return refusal("unknown", text, next=[look])
        results = [await self._reacting.step(report, target) for target in targets]
        starts = [] if only is not None else await self._reacting.start(report)
        every = [*results, *(one for one in starts if one not in results)]
        if len(every) == 1 and isinstance(every[0], Refusal):
            return every[0]
        return _told(report, every)

    async def _targets(self, report: Report, only: str | None) -> list[str]:
        asking = report.asking
        targets: list[str] = []
        async with self._house.store.read() as tx:
            for workflow in asking.snapshot.workflows.values():
                env = asking.env(report.action, report.params)
                for target in event_targets(workflow, report.event.name, env):
                    found = await _found(tx, asking.caller.scope, workflow, target)
                    targets += [instance.id for instance in found]
        unique = list(dict.fromkeys(targets))
        return [target for target in unique if only in (None, target)]


async def _found(
    tx: Transaction, scope: str, workflow: Workflow, target: EventTarget
) -> tuple[Instance, ...]:
    """Return the open instances that an event is about, by their key where that is enough."""
    if target.key is None:
        return await tx.instances.find(scope, workflow.name, fields=target.fields)
    instance = await tx.instances.open_with_key(scope, workflow.name, key=target.key)
    return () if instance is None else (instance,)


def _unknown(asking: Asking, name: str, found: Refusal) -> Refusal:
    events = (one.name for one in visible(asking) if one.source is ActionSource.EVENT)
    near = nearest(name, (one.removeprefix("event.") for one in events), limit=1)
    said = f"There is no event `{name}` that you may report."
    if not near:
        return replace(found, summary=said)
    look = call_of("get_available_actions", "See its params.", action=f"event.{near[0]}")
    members = {**found.members, "next": [look]}
    return replace(found, summary=f"{said} Did you mean `{near[0]}`?", members=members)


def not_yours(asking: Asking, event: Event, verdict: Verdict) -> Refusal | None:
    """Refuse whoever is not one of those who may report the event."""
    env = asking.env(verdict.action, verdict.decision.params)
    if event.who is not None and who_holds(event.who, asking.caller.actor, env) is True:
        return None
    words = list(event.who.words) if event.who is not None else []
    told = ", ".join(words) or "nobody"
    wait = call_of("get_workflow_state", "Wait for the report: pass `instance` and `wait_s`.")
    return refusal(
        "denied",
        f"Not done: `{event.name}` is reported by {told}, not by you.",
        action=verdict.action.name,
        because=[
            {
                "rule": f"event/{event.name}",
                "at": event.place.short,
                "effect": "deny",
                "message": f"Only {told} may report it.",
                "who": words,
            }
        ],
        next=[wait],
        decision=verdict.id,
    )


def _told(report: Report, every: list[Answer | Refusal]) -> Answer:
    moved = [one for one in every if not isinstance(one, Refusal)]
    still = [one for one in every if isinstance(one, Refusal)]
    count = f"{len(moved)} instance{'' if len(moved) == 1 else 's'}"
    text = f"`{report.event.name}` was reported; it moved {count}."
    return answer(
        text if every else f"`{report.event.name}` was reported; nothing waits for it.",
        event=report.event.name,
        instances=[{name: one[name] for name in MEMBERS if name in one} for one in moved],
        unmoved=[
            {"instance": one.members.get("instance", ""), "why": one.summary} for one in still
        ],
        warnings=warnings(report.verdict.decision),
        decision=report.verdict.id,
    )
