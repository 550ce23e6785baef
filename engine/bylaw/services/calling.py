"""Direct calls that answer: committed as running, called, and their end committed.

A crash between leaves the effect running: the same call with the same key is then answered
`outcome-unknown`, or made again where the action says that this is harmless.
"""

from collections.abc import Mapping

from bylaw.adapters.http_call import HttpCaller
from bylaw.base.errors import CallFailed
from bylaw.base.plain import Plain
from bylaw.model.action import Action
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.deciding import Entry, Verdict, warnings
from bylaw.services.house import House
from bylaw.services.keys import call_digest, keep, kept_answer
from bylaw.services.outgoing import outgoing

TOOL = "run_action"


class Calling:
    """Makes the calls of actions that a caller runs by themselves."""

    def __init__(self, house: House, http: HttpCaller) -> None:
        """Call with these."""
        self._house = house
        self._http = http

    async def call(
        self,
        asking: Asking,
        action: Action,
        verdict: Verdict,
        arguments: Mapping[str, Plain],
        *,
        entry: Entry,
    ) -> Answer | Refusal:
        """Call an action that was decided on, and answer with its result."""
        begun = await self._begin(asking, action, verdict, arguments, entry)
        if not isinstance(begun, StoredEffect):
            return begun
        try:
            call = outgoing(asking.snapshot, action, begun.params, key=begun.key)
            reply = await self._http.call(call)
        except CallFailed as failure:
            return await self._failed(action, begun, verdict, failure)
        return await self._done(asking, action, begun, verdict, arguments, reply.result)

    async def _begin(
        self,
        asking: Asking,
        action: Action,
        verdict: Verdict,
        arguments: Mapping[str, Plain],
        entry: Entry,
    ) -> StoredEffect | Answer | Refusal:
        effect = self._effect(asking, action, verdict, arguments)
        async with self._house.store.write() as tx:
            kept = await kept_answer(tx, asking, TOOL, arguments)
            if kept is not None:
                return kept
            await tx.audit.append([self._house.journal.record(asking, entry)])
            before = await tx.effects.get(effect.scope, effect.id)
            if before is None:
                await tx.effects.insert([effect])
            elif before.status is EffectStatus.RUNNING and not action.idempotent:
                return _unknown(action, verdict)
            begun = await tx.effects.begin(effect.scope, effect.id)
            return begun if begun is not None else _unknown(action, verdict)

    def _effect(
        self, asking: Asking, action: Action, verdict: Verdict, arguments: Mapping[str, Plain]
    ) -> StoredEffect:
        caller = asking.caller
        key = arguments.get("idempotency_key")
        # The same call under the same key is the same effect, also after a crash.
        name = self._house.new_id("eff")
        if key is not None:
            name = f"eff_{call_digest(f'{TOOL}/{caller.actor.id}/{key}', arguments)[:24]}"
        return StoredEffect(
            scope=caller.scope,
            id=name,
            instance=None,
            name=action.name,
            action=action.name,
            params=verdict.decision.params,
            actor=caller.actor.id,
            key=name,
            created_at=asking.now,
        )

    async def _done(
        self,
        asking: Asking,
        action: Action,
        effect: StoredEffect,
        verdict: Verdict,
        arguments: Mapping[str, Plain],
        result: Plain,
    ) -> Answer:
        result = self._house.journal.redactor.value(result)
        done = answer(
            f"Done: `{action.name}`.",
            action=action.name,
            result=result,
            warnings=warnings(verdict.decision),
            decision=verdict.id,
        )
        async with self._house.store.write() as tx:
            await tx.effects.end(
                effect.scope,
                effect.id,
                status=EffectStatus.DONE,
                at=self._house.clock(),
                result=result,
            )
            await keep(tx, asking, TOOL, arguments, done)
        return done

    async def _failed(
        self,
        action: Action,
        effect: StoredEffect,
        verdict: Verdict,
        failure: CallFailed,
    ) -> Refusal:
        message = self._house.journal.redactor.text(str(failure))
        if not failure.unknown:
            async with self._house.store.write() as tx:
                await tx.effects.end(
                    effect.scope,
                    effect.id,
                    status=EffectStatus.FAILED,
                    at=self._house.clock(),
                    message=message,
                )
        if failure.unknown and not action.idempotent:
            return _unknown(action, verdict, message)
        again = call_of(TOOL, "Try again.", action=action.name, params=dict(effect.params))
        return refusal(
            "unavailable",
            f"Not done: {message}.",
            action=action.name,
            next=[again] if failure.retryable else [],
            decision=verdict.id,
        )


def _unknown(action: Action, verdict: Verdict, message: str = "") -> Refusal:
    why = f" {message}." if message else ""
    look = call_of("get_policy", "Read about the action.", action=action.name)
    return refusal(
        "outcome-unknown",
        f"`{action.name}` was begun and no answer came.{why} "
        "Find out whether it happened before you call it again.",
        action=action.name,
        next=[look],
        decision=verdict.id,
    )
