"""`run_action`: does something, rules first.

Granted → key seen → params → policies → state and guard; then one transaction has it all.
"""

from collections.abc import Mapping

from bylaw.base.errors import Conflict
from bylaw.base.plain import Plain
from bylaw.model.action import ActionSource
from bylaw.services.answer import Answer, Refusal, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.calling import Begun, Calling, Direct
from bylaw.services.catalogue import checked_params, find_action
from bylaw.services.deciding import refused_by
from bylaw.services.house import House
from bylaw.services.keys import kept_answer
from bylaw.services.moving import ATTEMPTS, Moving
from bylaw.services.refusal import because
from bylaw.services.resource import decided, decided_alone, not_granted
from bylaw.services.run import Run
from bylaw.services.stepping import Stepping
from bylaw.services.writing import Writing


class RunAction:
    """Runs actions of every kind: steps, starts, calls; what is outside is only decided."""

    def __init__(
        self, house: House, stepping: Stepping, writing: Writing, calling: Calling
    ) -> None:
        """Run with these."""
        self._house = house
        self._moving = Moving(house, stepping, writing)
        self._calling = calling

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `run_action`."""
        found = find_action(asking, arguments["action"])
        if isinstance(found, Refusal):
            return found
        kept = await self._kept(asking, arguments)
        if kept is not None:
            return kept
        params = checked_params(found.action, arguments.get("params", {}))
        if isinstance(params, Refusal):
            return params
        elsewhere = not_granted(asking, found.action, params)
        if elsewhere is not None:
            return elsewhere
        run = Run(
            asking=asking,
            action=found.action,
            params=params,
            arguments=arguments,
            decision_id=self._house.new_id("dec"),
        )
        done = await self._by_source(run)
        if found.repaired and not isinstance(done, Refusal):
            return {**done, "repaired": list(found.repaired)}
        return done

    async def _kept(
        self, asking: Asking, arguments: Mapping[str, Plain]
    ) -> Answer | Refusal | None:
        if arguments.get("idempotency_key") is None:
            return None
        async with self._house.store.read() as tx:
            return await kept_answer(tx, asking, "run_action", arguments)

    async def _by_source(self, run: Run) -> Answer | Refusal:
        match run.action.source:
            case ActionSource.WORKFLOW | ActionSource.START:
                return await self._moving.move(run)
            case ActionSource.HTTP:
                async with self._calling.turn(run.asking, run.arguments):
                    return await self._call(run)
            case ActionSource.OUTSIDE:
                return await self._outside(run)
            case ActionSource.EVENT:
                return _other_tool(run, "trigger_event", event=run.action.name[len("event.") :])
            case ActionSource.BUILT_IN:
                return self._built_in(run)

    async def _call(self, run: Run) -> Answer | Refusal:
        for _ in range(ATTEMPTS):
            await self._calling.others_end(run.asking, run.arguments)
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
                await self._house.journal.write(tx, run.asking, run.entry(verdict, "refused"))
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


def _other_tool(run: Run, tool: str, **arguments: Plain) -> Refusal:
    name = run.action.name
    taken = {**arguments, **({"params": dict(run.params)} if "event" in arguments else run.params)}
    call = call_of(tool, f"`{name}` has a tool of its own.", **taken)
    return refusal(
        "runs-outside", f"`{name}` is done by the tool `{tool}`.", action=name, next=[call]
    )
