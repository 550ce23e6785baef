"""What a reported event does: steps of instances, and starts.

Each instance has a transaction of its own, and is decided again if others were first.
"""

from dataclasses import replace

from bylaw.base.errors import Conflict
from bylaw.base.plain import Record
from bylaw.decide.start import start, start_inputs
from bylaw.decide.workflow import instance_key
from bylaw.model.condition import Unresolved
from bylaw.model.instance import Moved, Reason, Refused, Trigger
from bylaw.model.workflow import TriggerKind, Workflow
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.house import House
from bylaw.services.keys import keep, kept_answer, unless_kept
from bylaw.services.moving import ATTEMPTS
from bylaw.services.refusal import missing, reason
from bylaw.services.report import Report
from bylaw.services.stepping import Stand, Stepping
from bylaw.services.writing import Writing
from bylaw.store.store import Transaction

TOOL = "trigger_event"


class Reacting:
    """Moves and starts the instances that an event concerns."""

    def __init__(self, house: House, stepping: Stepping, writing: Writing) -> None:
        """React with these."""
        self._house = house
        self._stepping = stepping
        self._writing = writing

    async def step(self, report: Report, target: str) -> Answer | Refusal:
        """Have an instance take the step that the event sets off, or say why it does not."""
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

    async def start(self, report: Report) -> list[Answer | Refusal]:
        """Start what the event starts, at most one instance of each workflow."""
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
            # The same report may have started it since, and kept its answer with it.
            kept = await kept_answer(tx, asking, TOOL, report.once(name))
            return [] if kept is None else [kept]
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
