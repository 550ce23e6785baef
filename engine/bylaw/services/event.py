"""`trigger_event`: something happened outside; instances that it concerns take a step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bylaw.base.errors import Conflict
from bylaw.base.names import folded
from bylaw.base.plain import Plain, Record
from bylaw.decide.start import start, start_inputs
from bylaw.decide.who import who_holds
from bylaw.decide.workflow import EventTarget, event_targets, instance_key
from bylaw.model.action import Action
from bylaw.model.condition import Unresolved
from bylaw.model.event import Event
from bylaw.model.instance import Instance, Moved, Reason, Refused, Trigger
from bylaw.model.workflow import TriggerKind, Workflow
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import checked_params, find_action
from bylaw.services.deciding import Entry, Verdict, judged, refused_by, warnings
from bylaw.services.house import House
from bylaw.services.keys import keep, kept_answer, unless_kept
from bylaw.services.refusal import missing, reason
from bylaw.services.stepping import Stand, Stepping
from bylaw.services.writing import Stamp, Writing
from bylaw.store.store import Transaction

ATTEMPTS = 3
TOOL = "trigger_event"
MEMBERS = ("instance", "state", "version", "started", "repeated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One event as it was reported, once it may be. `params` are as the rules changed them."""

    asking: Asking
    event: Event
    action: Action
    params: Record
    arguments: Mapping[str, Plain]
    verdict: Verdict

    @property
    def stamp(self) -> Stamp:
        """Return who sets the steps off."""
        return Stamp(
            actor=self.asking.caller.actor.id,
            now=self.asking.now,
            kind=TriggerKind.EVENT,
            trigger=self.event.name,
            decision=self.verdict.id,
        )

    def once(self, target: str) -> dict[str, Plain]:
        """Return the arguments by which a repeated report is known for one instance."""
        sent: dict[str, Plain] = {
            "event": self.event.name,
            "params": self.arguments.get("params", {}),
        }
        number = self.arguments.get("id")
        key = {"idempotency_key": f"event:{number}@{target}"} if number is not None else {}
        return {**sent, **key}


class TriggerEvent:
    """Reports events; each instance has a transaction of its own."""

    def __init__(self, house: House, stepping: Stepping, writing: Writing) -> None:
        """Report with these."""
        self._house = house
        self._stepping = stepping
        self._writing = writing

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `trigger_event`."""
        name = str(arguments["event"]).removeprefix("event.")
        found = find_action(asking, f"event.{name}")
        if isinstance(found, Refusal):
            return _unknown(asking, name, found)
        params = checked_params(found.action, arguments.get("params", {}))
        if isinstance(params, Refusal):
            return params
        event = asking.snapshot.events[found.action.name.removeprefix("event.")]
        verdict = judged(asking, found.action, params, id=self._house.new_id("dec"))
        denied = refused_by(asking, verdict) or not_yours(asking, event, verdict)
        entry = Entry(
            verdict=verdict,
            tool="trigger_event",
            params=params,
            outcome="refused" if denied is not None else "reported",
        )
        async with self._house.store.write() as tx:
            await tx.audit.append([self._house.journal.record(asking, entry)])
        if denied is not None:
            return denied
        report = Report(
            asking=asking,
            event=event,
            action=found.action,
            params=verdict.decision.params,
            arguments=arguments,
            verdict=verdict,
        )
        return await self._report(report)

    async def _report(self, report: Report) -> Answer | Refusal:
        only = report.arguments.get("instance")
        targets = await self._targets(report, only)
        if only is not None and only not in targets:
            look = call_of("get_workflow_state", "See the open ones.")
            text = f"No open instance `{only}` reacts to `{report.event.name}` with these params."
            return refusal("unknown", text, next=[look])
        results = [await self._raced(report, target) for target in targets]
        starts = [] if only is not None else await self._start_all(report)
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

    async def _raced(self, report: Report, target: str) -> Answer | Refusal:
        for _ in range(ATTEMPTS):
            try:
                return await self._step(report, target)
            except Conflict:
                continue
        return refusal("stale", f"`{target}` was changed by others again and again.")

    async def _step(self, report: Report, target: str) -> Answer | Refusal:
        once = report.once(target)
        async with self._house.store.write() as tx:
            kept = await kept_answer(tx, report.asking, TOOL, once)
            if kept is not None:
                return kept
            found = await self._moved(tx, report, target)
            return await unless_kept(tx, report.asking, TOOL, once, found)

    async def _moved(self, tx: Transaction, report: Report, target: str) -> Answer | Refusal:
        asking = report.asking
        instance = await tx.instances.get(asking.caller.scope, target)
        if instance is None or instance.closed:
            return refusal("not-in-state", f"`{target}` is closed.")
        stand = await self._stepping.at(tx, asking, instance)
        trigger = Trigger(kind=TriggerKind.EVENT, name=report.event.name, params=report.params)
        moved = self._stepping.stepped(asking, stand, trigger, report.action)
        if isinstance(moved, Refused):
            return _unmoved(stand, report, moved)
        denied = await self._stepping.denied_effect(
            tx, asking, stand, moved, decision=report.verdict.id, part_of=report.action.name
        )
        if denied is not None:
            return denied
        await self._writing.step(tx, moved, before=instance, stamp=report.stamp)
        after = replace(stand, instance=moved.instance)
        done = answer(f"`{target}` is now in `{after.state}`.", **after.members())
        await keep(tx, asking, TOOL, report.once(target), done)
        return done

    async def _start_all(self, report: Report) -> list[Answer | Refusal]:
        asking = report.asking
        started: list[Answer | Refusal] = []
        for workflow in asking.snapshot.workflows.values():
            if not any(one.event == report.event.name for one in workflow.start.events):
                continue
            env = asking.env(report.action, report.params)
            inputs = start_inputs(workflow, report.event.name, env)
            if not isinstance(inputs, Reason):
                started += await self._started(report, workflow, inputs)
        return started

    async def _started(
        self, report: Report, workflow: Workflow, inputs: Record
    ) -> list[Answer | Refusal]:
        key = instance_key(workflow, inputs)
        if isinstance(key, Unresolved):
            return []
        for _ in range(ATTEMPTS):
            try:
                async with self._house.store.write() as tx:
                    return await self._start(tx, report, workflow, inputs, key)
            except Conflict:
                continue
        return []

    async def _start(
        self, tx: Transaction, report: Report, workflow: Workflow, inputs: Record, key: str
    ) -> list[Answer | Refusal]:
        asking, name = report.asking, f"start of {workflow.name}:{key}"
        scope = asking.caller.scope
        kept = await kept_answer(tx, asking, TOOL, report.once(name))
        if kept is not None:
            return [kept]
        if await tx.instances.open_with_key(scope, workflow.name, key=key) is not None:
            return []
        moved = start(
            workflow,
            scope=scope,
            instance_id=await self._writing.free_id(tx, scope, workflow.name, key),
            key=key,
            inputs=inputs,
            env=asking.env(report.action, report.params),
            now=asking.now,
            event=report.event.name,
        )
        if isinstance(moved, Refused):
            return []
        return [await self._write_start(tx, report, workflow, moved, name)]

    async def _write_start(
        self, tx: Transaction, report: Report, workflow: Workflow, moved: Moved, name: str
    ) -> Answer | Refusal:
        stand = Stand(instance=moved.instance, workflow=workflow)
        denied = await self._stepping.denied_effect(
            tx,
            report.asking,
            stand,
            moved,
            decision=report.verdict.id,
            part_of=report.action.name,
        )
        if denied is not None:
            return denied
        await self._writing.step(tx, moved, before=None, stamp=report.stamp)
        done = answer(f"`{stand.instance.id}` was started.", **stand.members(), started=True)
        # The report that started an instance is no news to it.
        for target in (name, stand.instance.id):
            await keep(tx, report.asking, TOOL, report.once(target), done)
        return done


async def _found(
    tx: Transaction, scope: str, workflow: Workflow, target: EventTarget
) -> tuple[Instance, ...]:
    """Return the open instances that an event is about, by their key where that is enough."""
    if target.key is None:
        return await tx.instances.find(scope, workflow.name, fields=target.fields)
    instance = await tx.instances.open_with_key(scope, workflow.name, key=target.key)
    return () if instance is None else (instance,)


def _unknown(asking: Asking, name: str, found: Refusal) -> Refusal:
    near = [known for known in asking.snapshot.events if folded(known) == folded(name)]
    hint = f" Did you mean `{near[0]}`?" if near and near[0] != name else ""
    return replace(found, summary=f"There is no event `{name}` that you may report.{hint}")


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


def _unmoved(stand: Stand, report: Report, refused: Refused) -> Refusal:
    said = [one.message for one in refused.reasons if one.message]
    text = said[0] if said else "it does not react to this now."
    return refusal(
        refused.code,
        f"`{stand.instance.id}` did not move: {text}",
        action=report.action.name,
        because=[reason(one) for one in refused.reasons],
        missing=missing(refused.reasons),
        next=[call_of("get_workflow_state", "See where it stands.", instance=stand.instance.id)],
        decision=report.verdict.id,
        **stand.members(),
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
