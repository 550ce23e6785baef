"""`enforce`: would this call be allowed, without doing it and without asking anybody."""

from collections.abc import Mapping

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action, ActionSource
from bylaw.model.decision import Decision
from bylaw.model.instance import Moved, Refused
from bylaw.model.policy import Effect
from bylaw.services.answer import Answer, Refusal, answer
from bylaw.services.asking import Asking
from bylaw.services.catalogue import checked_params, find_action
from bylaw.services.deciding import Entry, Verdict, advice_of, judged, warnings
from bylaw.services.house import House
from bylaw.services.persona import consulted
from bylaw.services.policy import find_policy
from bylaw.services.refusal import approval, deciding, denial_text, missing
from bylaw.services.resource import decided_alone, not_granted
from bylaw.services.starting import tried_start
from bylaw.services.stepping import Stand, Stepping, refused_step

ALLOWED = {
    Effect.NONE: "Allowed: no rule objects.",
    Effect.ALLOW: "Allowed.",
    Effect.WARN: "Allowed, with a warning.",
    Effect.TRANSFORM: "Allowed, with changed params.",
}


class Enforce:
    """Decides a call exactly as `run_action` would, and does nothing."""

    def __init__(self, house: House, stepping: Stepping) -> None:
        """Decide with these."""
        self._house = house
        self._stepping = stepping

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `enforce`."""
        found = find_action(asking, arguments["action"])
        if isinstance(found, Refusal):
            return found
        params = checked_params(found.action, arguments.get("params", {}))
        if isinstance(params, Refusal):
            return params
        elsewhere = not_granted(asking, found.action, params)
        if elsewhere is not None:
            return elsewhere
        only = arguments.get("policy")
        policy = find_policy(asking, only) if only is not None else None
        if isinstance(policy, Refusal):
            return policy
        only = policy.name if policy is not None else None
        stand = await self._stand(asking, found.action, arguments)
        if isinstance(stand, Refusal):
            return stand
        verdict = await self._verdict(asking, found.action, params, stand, only=only)
        told = await self._told(asking, verdict, stand, params)
        self._record(asking, verdict, params, allowed=bool(told["allowed"]))
        explained = consulted(verdict.decision) if arguments.get("explain") else {}
        repaired = {"repaired": list(found.repaired)} if found.repaired else {}
        return {**told, **explained, **repaired}

    async def _stand(
        self, asking: Asking, action: Action, arguments: Mapping[str, Plain]
    ) -> Stand | Refusal | None:
        if action.source is not ActionSource.WORKFLOW:
            return None
        async with self._house.store.read() as tx:
            return await self._stepping.stand(tx, asking, action, arguments.get("instance"))

    async def _verdict(
        self,
        asking: Asking,
        action: Action,
        params: Record,
        stand: Stand | None,
        *,
        only: str | None,
    ) -> Verdict:
        name = self._house.new_id("dec")
        if stand is not None:
            return judged(asking, action, params, id=name, workflow=stand.record, only=only)
        return await decided_alone(self._house.store, asking, action, params, id=name, only=only)

    async def _told(
        self, asking: Asking, verdict: Verdict, stand: Stand | None, params: Record
    ) -> Answer:
        decision = verdict.decision
        if decision.allowed and stand is not None:
            outcome = self._stepping.tried(asking, stand, verdict.action, decision.params)
            if isinstance(outcome, Refused):
                return _refused_by_state(asking, stand, outcome, verdict)
            denied = await self._denied_effect(asking, stand, outcome, verdict)
            if denied is not None:
                return _refused_on_the_way(denied)
        if decision.allowed and verdict.action.source is ActionSource.START:
            refused = await self._refused_start(asking, verdict)
            if refused is not None:
                return refused
        if decision.allowed:
            return _allowed(decision, verdict, params)
        return _denied(asking, verdict)

    async def _refused_start(self, asking: Asking, verdict: Verdict) -> Answer | None:
        """Try a start, as `run_action` does, and say what stands against it."""
        params = verdict.decision.params
        async with self._house.store.read() as tx:
            tried = await tried_start(
                tx, asking, self._stepping, action=verdict.action, params=params
            )
        if isinstance(tried, Refusal):
            return _not_now(tried, verdict)
        workflow = asking.snapshot.workflows[tried.instance.workflow]
        stand = Stand(instance=tried.instance, workflow=workflow)
        denied = await self._denied_effect(asking, stand, tried, verdict)
        return None if denied is None else _refused_on_the_way(denied)

    async def _denied_effect(
        self, asking: Asking, stand: Stand, moved: Moved, verdict: Verdict
    ) -> Refusal | None:
        """Decide on what the step would call, as `run_action` does before it commits."""
        if not moved.effects:
            return None
        async with self._house.store.read() as tx:
            return await self._stepping.denied_effect(
                tx, asking, stand, moved, decision=verdict.id, part_of=verdict.action.name
            )

    def _record(self, asking: Asking, verdict: Verdict, params: Record, *, allowed: bool) -> None:
        outcome = "allowed" if allowed else "refused"
        entry = Entry(verdict=verdict, tool="enforce", params=params, outcome=outcome)
        self._house.journal.note(asking, entry)


def _allowed(decision: Decision, verdict: Verdict, params: Record) -> Answer:
    after = decision.params
    changed = None if after is params or after == params else dict(after)
    return answer(
        ALLOWED[decision.verdict],
        verdict=decision.verdict.value,
        allowed=True,
        params=changed,
        because=verdict.reasons(),
        warnings=warnings(decision),
        claimed=dict(decision.claimed),
        decision=verdict.id,
    )


def _denied(asking: Asking, verdict: Verdict) -> Answer:
    decision = verdict.decision
    findings = deciding(decision)
    lead = "It would need approval:" if decision.verdict is Effect.ASK else "Not allowed:"
    return answer(
        f"{lead} {denial_text(decision)}",
        verdict=decision.verdict.value,
        allowed=False,
        because=verdict.leading(),
        missing=missing(findings),
        next=advice_of(asking, findings, verdict.action),
        approval=approval(decision) if decision.verdict is Effect.ASK else {},
        warnings=warnings(decision),
        claimed=dict(decision.claimed),
        decision=verdict.id,
    )


def _refused_on_the_way(denied: Refusal) -> Answer:
    """Return the answer where the step itself may be taken, but not what it calls."""
    asked = denied.error == "needs-approval"
    members = {name: value for name, value in denied.members.items() if name != "action"}
    return answer(
        denied.summary.replace("Not done:", "Not allowed:"),
        verdict=Effect.ASK.value if asked else Effect.DENY.value,
        allowed=False,
        **members,
    )


def _refused_by_state(asking: Asking, stand: Stand, outcome: Refused, verdict: Verdict) -> Answer:
    return _not_now(refused_step(asking, stand, outcome, verdict.action.name), verdict)


def _not_now(refused: Refusal, verdict: Verdict) -> Answer:
    members = {name: value for name, value in refused.members.items() if name != "action"}
    return answer(
        refused.summary.replace("Not done:", "Not possible now:"),
        verdict=Effect.DENY.value,
        allowed=False,
        decision=verdict.id,
        **members,
    )
