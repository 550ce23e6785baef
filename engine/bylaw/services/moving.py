"""Steps and starts that a caller runs: decided and written in one transaction.

Whoever loses a race is decided again on the new state, a few times.
"""

from dataclasses import replace

from bylaw.base.errors import Conflict
from bylaw.base.plain import Plain
from bylaw.decide.start import start
from bylaw.decide.workflow import instance_key
from bylaw.model.action import ActionSource
from bylaw.model.condition import Unresolved
from bylaw.model.instance import Instance, Moved, Refused, StepOutcome
from bylaw.model.workflow import Workflow
from bylaw.services.answer import Answer, Refusal, answer
from bylaw.services.catalogue import bad_params
from bylaw.services.deciding import Verdict, judged, refused_by, warnings
from bylaw.services.house import House
from bylaw.services.keys import keep, kept_answer, unless_kept
from bylaw.services.run import Run
from bylaw.services.starting import already_open, refused_start
from bylaw.services.stepping import Stand, Stepping, refused_step, stale
from bylaw.services.writing import Writing
from bylaw.store.store import Transaction

# A lost race is decided again on the new state, so often.
ATTEMPTS = 3


class Moving:
    """Moves instances: takes steps of those that are open, and starts new ones."""

    def __init__(self, house: House, stepping: Stepping, writing: Writing) -> None:
        """Move with these."""
        self._house = house
        self._stepping = stepping
        self._writing = writing

    async def move(self, run: Run) -> Answer | Refusal:
        """Take the step or make the start that is asked for, or say why not."""
        for _ in range(ATTEMPTS):
            try:
                async with self._house.store.write() as tx:
                    return await self._in_transaction(tx, run)
            except Conflict:
                continue
        return await self._lost(run)

    async def _in_transaction(self, tx: Transaction, run: Run) -> Answer | Refusal:
        kept = await kept_answer(tx, run.asking, "run_action", run.arguments)
        if kept is not None:
            return kept
        starts = run.action.source is ActionSource.START
        found = await (self._start(tx, run) if starts else self._step(tx, run))
        return await unless_kept(tx, run.asking, "run_action", run.arguments, found)

    async def _step(self, tx: Transaction, run: Run) -> Answer | Refusal:
        asking = run.asking
        stand = await self._stepping.stand(tx, asking, run.action, run.arguments.get("instance"))
        if isinstance(stand, Refusal):
            return stand
        expected = run.arguments.get("expected_version")
        if expected is not None and expected != stand.instance.version:
            return stale(stand, expected)
        verdict = judged(asking, run.action, run.params, id=run.decision_id, workflow=stand.record)
        denied = refused_by(asking, verdict)
        if denied is not None:
            members = {**denied.members, **stand.members()}
            await self._audit(tx, run, verdict, "refused", stand.instance.id)
            return replace(denied, members=members)
        moved = self._stepping.tried(asking, stand, run.action, verdict.decision.params)
        if isinstance(moved, Refused):
            refused = refused_step(asking, stand, moved, run.action.name)
            await self._audit(tx, run, verdict, refused.error, stand.instance.id)
            return self._with_actions(refused, run, stand, verdict)
        after = Stand(instance=moved.instance, workflow=stand.workflow)
        return await self._commit(
            tx, run, verdict=verdict, moved=moved, after=after, before=stand.instance
        )

    def _with_actions(self, refused: Refusal, run: Run, stand: Stand, verdict: Verdict) -> Refusal:
        more = {
            "actions": self._stepping.possible_names(run.asking, stand),
            "decision": verdict.id,
        }
        return replace(refused, members={**refused.members, **more})

    async def _start(self, tx: Transaction, run: Run) -> Answer | Refusal:
        asking = run.asking
        verdict = judged(asking, run.action, run.params, id=run.decision_id)
        denied = refused_by(asking, verdict)
        if denied is not None:
            await self._audit(tx, run, verdict, "refused")
            return denied
        workflow = asking.snapshot.workflows[run.action.workflow or ""]
        key = instance_key(workflow, verdict.decision.params)
        if isinstance(key, Unresolved):
            return bad_params(run.action, run.action.params.check(verdict.decision.params))
        already = await tx.instances.open_with_key(asking.caller.scope, workflow.name, key=key)
        if already is not None:
            await self._audit(tx, run, verdict, "not-in-state", already.id)
            return already_open(await self._stepping.at(tx, asking, already), run.action.name)
        moved = await self._started(tx, run, workflow=workflow, key=key, verdict=verdict)
        if isinstance(moved, Refused):
            await self._audit(tx, run, verdict, "guard")
            refused = refused_start(asking, run.action.name, moved)
            members = {**refused.members, "decision": run.decision_id}
            return replace(refused, members=members)
        after = Stand(instance=moved.instance, workflow=workflow)
        return await self._commit(tx, run, verdict=verdict, moved=moved, after=after, before=None)

    async def _started(
        self, tx: Transaction, run: Run, *, workflow: Workflow, key: str, verdict: Verdict
    ) -> StepOutcome:
        scope, params = run.asking.caller.scope, verdict.decision.params
        return start(
            workflow,
            scope=scope,
            instance_id=await self._writing.free_id(tx, scope, workflow.name, key),
            key=key,
            inputs=params,
            env=run.asking.env(run.action, params),
            now=run.asking.now,
        )

    async def _commit(
        self,
        tx: Transaction,
        run: Run,
        *,
        verdict: Verdict,
        moved: Moved,
        after: Stand,
        before: Instance | None,
    ) -> Answer | Refusal:
        denied = await self._stepping.denied_effect(
            tx, run.asking, after, moved, decision=verdict.id, part_of=run.action.name
        )
        if denied is not None:
            await self._audit(tx, run, verdict, "refused", moved.instance.id if before else "")
            return denied
        await self._writing.step(tx, moved, before=before, stamp=run.stamp(verdict))
        await self._audit(tx, run, verdict, "done", moved.instance.id)
        done = self._done(run, verdict, after, moved)
        await keep(tx, run.asking, "run_action", run.arguments, done)
        return done

    async def _audit(
        self, tx: Transaction, run: Run, verdict: Verdict, outcome: str, instance: str = ""
    ) -> None:
        entry = run.entry(verdict, outcome, instance)
        await self._house.journal.write(tx, run.asking, entry)

    def _done(self, run: Run, verdict: Verdict, after: Stand, moved: Moved) -> Answer:
        instance = moved.instance
        closed = " It is closed." if instance.closed else ""
        return answer(
            f"Done: `{instance.id}` is now in `{after.state}`.{closed}",
            **after.members(),
            changed=dict(moved.changed),
            params=changed_params(run, verdict),
            effects=[effect.action for effect in moved.effects],
            warnings=warnings(verdict.decision),
            actions=self._stepping.possible_names(run.asking, after),
            decision=verdict.id,
        )

    async def _lost(self, run: Run) -> Refusal:
        async with self._house.store.read() as tx:
            stand = await self._stepping.stand(
                tx, run.asking, run.action, run.arguments.get("instance")
            )
        if isinstance(stand, Refusal):
            return stand
        return stale(stand, run.arguments.get("expected_version"))


def changed_params(run: Run, verdict: Verdict) -> dict[str, Plain] | None:
    """Return the params as rules changed them, or nothing if they did not."""
    changed = dict(verdict.decision.params)
    return changed if changed != dict(run.params) else None
