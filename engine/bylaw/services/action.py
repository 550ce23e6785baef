"""`run_action`: does something, rules first.

Granted → key seen → params → policies → state and guard; then one transaction has it all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bylaw.base.errors import Conflict
from bylaw.base.plain import Plain, Record
from bylaw.decide.start import start
from bylaw.decide.workflow import instance_key
from bylaw.model.action import Action, ActionSource
from bylaw.model.condition import Unresolved
from bylaw.model.instance import Moved, Refused
from bylaw.model.workflow import TriggerKind
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.calling import Begun, Calling, Direct
from bylaw.services.catalogue import bad_params, checked_params, find_action
from bylaw.services.deciding import Entry, Verdict, judged, refused_by, warnings
from bylaw.services.house import House
from bylaw.services.keys import keep, kept_answer
from bylaw.services.refusal import because, missing, next_calls, reason, with_call
from bylaw.services.resource import decided, decided_alone
from bylaw.services.stepping import Stand, Stepping, refused_step, stale
from bylaw.services.writing import Stamp, Writing
from bylaw.store.store import Transaction

# A lost race is decided again on the new state, so often.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of `run_action`, once its action is found and its params fit."""

    asking: Asking
    action: Action
    params: Record
    arguments: Mapping[str, Plain]
    decision_id: str
    repaired: tuple[str, ...] = ()

    @property
    def key(self) -> str | None:
        """Return the idempotency key, if the caller sent one."""
        return self.arguments.get("idempotency_key")

    def stamp(self, verdict: Verdict) -> Stamp:
        """Return who sets the step off, and under which decision."""
        return Stamp(
            actor=self.asking.caller.actor.id,
            now=self.asking.now,
            kind=TriggerKind.ACTION,
            trigger=self.action.name,
            decision=verdict.id,
            reason=self.arguments.get("reason", ""),
        )

    def entry(self, verdict: Verdict, outcome: str, instance: str = "") -> Entry:
        """Return what the audit keeps of this run."""
        return Entry(
            verdict=verdict,
            tool="run_action",
            params=self.params,
            outcome=outcome,
            instance=instance,
            reason=self.arguments.get("reason", ""),
        )


class RunAction:
    """Runs actions of every kind: steps, starts, calls; what is outside is only decided."""

    def __init__(
        self, house: House, stepping: Stepping, writing: Writing, calling: Calling
    ) -> None:
        """Run with these."""
        self._house = house
        self._stepping = stepping
        self._writing = writing
        self._calling = calling

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `run_action`."""
        found = find_action(asking, arguments["action"])
        if isinstance(found, Refusal):
            return found
        key = arguments.get("idempotency_key")
        if key is not None:
            async with self._house.store.read() as tx:
                kept = await kept_answer(tx, asking, "run_action", arguments)
            if kept is not None:
                return kept
        params = checked_params(found.action, arguments.get("params", {}))
        if isinstance(params, Refusal):
            return params
        run = Run(
            asking=asking,
            action=found.action,
            params=params,
            arguments=arguments,
            decision_id=self._house.new_id("dec"),
            repaired=found.repaired,
        )
        done = await self._by_source(run)
        if found.repaired and not isinstance(done, Refusal):
            return {**done, "repaired": list(found.repaired)}
        return done

    async def _by_source(self, run: Run) -> Answer | Refusal:
        match run.action.source:
            case ActionSource.WORKFLOW | ActionSource.START:
                return await self._raced(run)
            case ActionSource.HTTP:
                return await self._call(run)
            case ActionSource.OUTSIDE:
                return await self._outside(run)
            case ActionSource.EVENT:
                return _other_tool(run, "trigger_event", event=run.action.name[len("event.") :])
            case ActionSource.BUILT_IN:
                return self._built_in(run)

    async def _raced(self, run: Run) -> Answer | Refusal:
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
        if run.action.source is ActionSource.START:
            return await self._start(tx, run)
        return await self._step(tx, run)

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
            await self._audit(tx, run, verdict, refused.error)
            return self._with_actions(refused, asking, stand, verdict)
        return await self._commit(tx, run, verdict, moved, before=stand)

    def _with_actions(
        self, refused: Refusal, asking: Asking, stand: Stand, verdict: Verdict
    ) -> Refusal:
        more = {
            "actions": self._stepping.possible_names(asking, stand),
            "decision": verdict.id,
        }
        return replace(refused, members={**refused.members, **more})

    async def _start(self, tx: Transaction, run: Run) -> Answer | Refusal:
        asking = run.asking
        workflow = asking.snapshot.workflows[run.action.workflow or ""]
        verdict = judged(asking, run.action, run.params, id=run.decision_id)
        denied = refused_by(asking, verdict)
        if denied is not None:
            await self._audit(tx, run, verdict, "refused")
            return denied
        params = verdict.decision.params
        key = instance_key(workflow, params)
        if isinstance(key, Unresolved):
            return bad_params(run.action, run.action.params.check(params))
        already = await tx.instances.open_with_key(asking.caller.scope, workflow.name, key=key)
        if already is not None:
            return _already_open(await self._stepping.at(tx, asking, already), run)
        moved = start(
            workflow,
            scope=asking.caller.scope,
            instance_id=await self._writing.free_id(tx, asking.caller.scope, workflow.name, key),
            key=key,
            inputs=params,
            env=asking.env(run.action, params),
            now=asking.now,
        )
        if isinstance(moved, Refused):
            await self._audit(tx, run, verdict, "guard")
            return _refused_start(asking, run, moved)
        return await self._commit(tx, run, verdict, moved, before=None)

    async def _commit(
        self, tx: Transaction, run: Run, verdict: Verdict, moved: Moved, *, before: Stand | None
    ) -> Answer | Refusal:
        asking = run.asking
        workflow = asking.snapshot.workflows.get(moved.instance.workflow)
        after = Stand(
            instance=moved.instance,
            workflow=before.workflow if before is not None else workflow,  # type: ignore[arg-type]  # a start has a live workflow
        )
        denied = await self._stepping.denied_effect(
            tx, asking, after, moved, decision=verdict.id, part_of=run.action.name
        )
        if denied is not None:
            await self._audit(tx, run, verdict, "refused")
            return denied
        instance = before.instance if before is not None else None
        await self._writing.step(tx, moved, before=instance, stamp=run.stamp(verdict))
        await self._audit(tx, run, verdict, "done", moved.instance.id)
        done = self._done(run, verdict, after, moved)
        await keep(tx, asking, "run_action", run.arguments, done)
        return done

    async def _audit(
        self, tx: Transaction, run: Run, verdict: Verdict, outcome: str, instance: str = ""
    ) -> None:
        entry = run.entry(verdict, outcome, instance)
        await tx.audit.append([self._house.journal.record(run.asking, entry)])

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
        return stale(stand, run.arguments.get("expected_version", stand.instance.version))

    async def _call(self, run: Run) -> Answer | Refusal:
        for _ in range(ATTEMPTS):
            try:
                begun = await self._begun(run)
            except Conflict:
                # Somebody else begins a call under the same key: see how far it is.
                continue
            return begun if not isinstance(begun, Begun) else await self._calling.call(begun)
        again = call_of("run_action", "Try again.", action=run.action.name, params=run.params)
        text = "Not done: others use the same key at the same moment."
        return refusal("unavailable", text, action=run.action.name, next=[again])

    async def _begun(self, run: Run) -> Begun | Answer | Refusal:
        async with self._house.store.write() as tx:
            verdict = await decided(tx, run.asking, run.action, run.params, id=run.decision_id)
            denied = refused_by(run.asking, verdict)
            if denied is not None:
                await self._audit(tx, run, verdict, "refused")
                return denied
            direct = Direct(
                asking=run.asking, action=run.action, verdict=verdict, arguments=run.arguments
            )
            return await self._calling.begin(tx, direct, run.entry(verdict, "running"))

    async def _outside(self, run: Run) -> Refusal:
        verdict = await decided_alone(
            self._house.store, run.asking, run.action, run.params, id=run.decision_id
        )
        denied = refused_by(run.asking, verdict)
        outcome = "refused" if denied is not None else "runs-outside"
        self._house.journal.note(run.asking, run.entry(verdict, outcome))
        if denied is not None:
            return denied
        ask = call_of(
            "enforce",
            "For the next time: it asks the same, without wanting it done.",
            action=run.action.name,
            params=dict(run.arguments.get("params", {})),
        )
        return refusal(
            "runs-outside",
            f"`{run.action.name}` is allowed, but it is yours to do: Bylaw only decides on it. "
            "Do it with your own tools.",
            action=run.action.name,
            because=[because(finding) for finding in verdict.decision.because],
            next=[ask],
            decision=verdict.id,
        )

    def _built_in(self, run: Run) -> Refusal:
        if run.action.name == "context.write":
            return _other_tool(run, "update_context")
        return _other_tool(run, "get_context_data")


def changed_params(run: Run, verdict: Verdict) -> dict[str, Plain] | None:
    """Return the params as rules changed them, or nothing if they did not."""
    changed = dict(verdict.decision.params)
    return changed if changed != dict(run.params) else None


def _other_tool(run: Run, tool: str, **arguments: Plain) -> Refusal:
    name = run.action.name
    taken = {**arguments, **({"params": dict(run.params)} if "event" in arguments else run.params)}
    call = call_of(tool, f"`{name}` has a tool of its own.", **taken)
    return refusal(
        "runs-outside", f"`{name}` is done by the tool `{tool}`.", action=name, next=[call]
    )


def _already_open(stand: Stand, run: Run) -> Refusal:
    look = call_of("get_workflow_state", "Go on with it.", instance=stand.instance.id)
    return refusal(
        "not-in-state",
        f"Not done: `{stand.instance.id}` is already open; one at a time.",
        action=run.action.name,
        next=[look],
        **stand.members(),
    )


def _refused_start(asking: Asking, run: Run, refused: Refused) -> Refusal:
    first = refused.reasons[0].message if refused.reasons else "its conditions do not hold."
    advices = [(one.advice, one.message) for one in refused.reasons]
    look = call_of("get_available_actions", "See what you may do instead.")
    return refusal(
        refused.code,
        f"Not done: {first}",
        action=run.action.name,
        because=[reason(one) for one in refused.reasons],
        missing=missing(refused.reasons),
        next=with_call(next_calls(asking, advices), look),
        decision=run.decision_id,
    )
