"""Direct calls that answer: committed as running, called, and their end committed.

A crash between leaves the effect running: the same call with the same key is then answered
`outcome-unknown`, or made again where the action says that this is harmless.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bylaw.adapters.http_call import HttpCaller, OutgoingCall, Reply
from bylaw.base.errors import CallFailed, Conflict, StoreUnavailable
from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.model.job import RetryPolicy
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.deciding import Entry, Verdict, warnings
from bylaw.services.house import House
from bylaw.services.keys import call_digest, keep, kept_answer
from bylaw.services.outgoing import misfits, outgoing, retries_of, time_of
from bylaw.store.store import Transaction

TOOL = "run_action"
# The caller waits meanwhile: short, and spread so that many do not come back at once.
BACKOFF = RetryPolicy(first_s=0.2, most_s=2.0)
# How often and after how long it is seen whether another process has an answer by now.
LOOKS, LOOK_S = 50, 0.1
# So many of this process's own calls are known to be under way, or to have no end.
OWN = 1000

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """One call of an action by itself, once the policies let it go ahead."""

    asking: Asking
    action: Action
    verdict: Verdict
    arguments: Mapping[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A call whose beginning is written, and which is to be made now."""

    direct: Direct
    effect: StoredEffect


class Calling:
    """Makes the calls of actions that a caller runs by themselves."""

    def __init__(self, house: House, http: HttpCaller, pause: Pause = asyncio.sleep) -> None:
        """Call with these; `pause` waits between two attempts."""
        self._house = house
        self._http = http
        self._pause = pause
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._own: deque[str] = deque(maxlen=OWN)
        self._since = house.clock()

    def turn(self, asking: Asking, arguments: Mapping[str, Plain]) -> asyncio.Lock:
        """Return what a call holds until its end, so that the same one waits for its answer.

        Only calls of this process wait here; see `others_end` for the rest.
        """
        lock = asyncio.Lock()
        if arguments.get("idempotency_key") is None:
            return lock
        return self._turns.setdefault(_name_of(asking, arguments), lock)

    async def others_end(self, asking: Asking, arguments: Mapping[str, Plain]) -> None:
        """Wait some seconds for the end of the same call, if another process is making it.

        One that was begun before this process was, or has had its time, was cut off.
        """
        if arguments.get("idempotency_key") is None:
            return
        name = _name_of(asking, arguments)
        for _ in range(LOOKS):
            async with self._house.store.read() as tx:
                effect = await tx.effects.get(asking.caller.scope, name)
            if effect is None or not self._is_elsewhere(asking, effect):
                return
            await self._pause(LOOK_S)

    def _is_elsewhere(self, asking: Asking, effect: StoredEffect) -> bool:
        if effect.status is not EffectStatus.RUNNING or effect.id in self._own:
            return False
        time = time_of(asking.snapshot.actions.get(effect.action))
        return self._since <= effect.created_at and self._house.clock() < effect.created_at + time

    async def begin(
        self, tx: Transaction, direct: Direct, entry: Entry
    ) -> Begun | Answer | Refusal:
        """Write that a call begins, with its decision; or return what its key says already.

        Raises:
            Conflict: somebody else begins a call under the same key.
        """
        kept = await kept_answer(tx, direct.asking, TOOL, direct.arguments)
        if kept is not None:
            return kept
        await tx.audit.append([self._house.journal.record(direct.asking, entry)])
        effect = self._effect(direct)
        before = await tx.effects.get(effect.scope, effect.id)
        if before is None:
            await tx.effects.insert([effect])
        elif before.status is EffectStatus.RUNNING and not direct.action.idempotent:
            return _unknown(direct)
        else:
            # It failed, or its kept answer is too old: the key is free again.
            await tx.effects.reopen(effect.scope, effect.id)
        begun = await tx.effects.begin(effect.scope, effect.id)
        return Begun(direct=direct, effect=begun) if begun is not None else _unknown(direct)

    async def call(self, begun: Begun) -> Answer | Refusal:
        """Make a call that has begun, and answer with its result."""
        direct, effect = begun.direct, begun.effect
        self._own.append(effect.id)
        try:
            call = outgoing(direct.asking.snapshot, direct.action, effect.params, key=effect.key)
            reply = await self._attempted(direct.action, call)
        except CallFailed as failure:
            return await self._failed(direct, effect, failure)
        return await self._done(direct, effect, self._house.journal.redactor.value(reply.result))

    async def _attempted(self, action: Action, call: OutgoingCall) -> Reply:
        """Call as often as the action says, within the time that this gives it.

        Raises:
            CallFailed: the last attempt failed, or one after which nobody should try again.
        """
        until = self._house.clock() + time_of(action)
        for attempt in range(1, 1 + retries_of(action)):
            try:
                return await self._http.call(call)
            except CallFailed as failure:
                wait_s = BACKOFF.wait_s(attempt, luck=random.random())  # noqa: S311 - jitter
                if not _may_repeat(action, failure) or self._is_over(until, wait_s):
                    raise
                await self._pause(wait_s)
        return await self._http.call(call)

    def _is_over(self, until: datetime, wait_s: float) -> bool:
        return self._house.clock() + timedelta(seconds=wait_s) >= until

    def _effect(self, direct: Direct) -> StoredEffect:
        caller = direct.asking.caller
        name = self._house.new_id("eff")
        if direct.arguments.get("idempotency_key") is not None:
            name = _name_of(direct.asking, direct.arguments)
        return StoredEffect(
            scope=caller.scope,
            id=name,
            instance=None,
            name=direct.action.name,
            action=direct.action.name,
            params=direct.verdict.decision.params,
            actor=caller.actor.id,
            key=name,
            created_at=direct.asking.now,
        )

    async def _done(
        self, direct: Direct, effect: StoredEffect, result: Record
    ) -> Answer | Refusal:
        done = answer(
            f"Done: `{direct.action.name}`.",
            action=direct.action.name,
            result=result,
            warnings=[*warnings(direct.verdict.decision), *misfits(direct.action, result)],
            decision=direct.verdict.id,
        )
        try:
            async with self._house.store.write() as tx:
                await self._end(tx, effect, EffectStatus.DONE, result=result)
                await keep(tx, direct.asking, TOOL, direct.arguments, done)
        except Conflict:
            return await self._first(direct, done)
        except StoreUnavailable:
            return _unkept(direct, result)
        self._has_end(effect)
        return done

    async def _first(self, direct: Direct, done: Answer) -> Answer | Refusal:
        """Return what another call answered that was first under the same key."""
        async with self._house.store.read() as tx:
            kept = await kept_answer(tx, direct.asking, TOOL, direct.arguments)
        return kept if kept is not None else done

    async def _failed(self, direct: Direct, effect: StoredEffect, failure: CallFailed) -> Refusal:
        message = self._house.journal.redactor.text(str(failure))
        if failure.unknown and not direct.action.idempotent:
            return _unknown(direct, message)
        if not failure.unknown:
            async with self._house.store.write() as tx:
                await self._end(tx, effect, EffectStatus.FAILED, message=message)
            self._has_end(effect)
        again = call_of(TOOL, "Try again.", action=direct.action.name, params=dict(effect.params))
        return refusal(
            "unavailable",
            f"Not done: {message}.",
            action=direct.action.name,
            next=[again] if failure.retryable else [_look(direct)],
            decision=direct.verdict.id,
        )

    def _has_end(self, effect: StoredEffect) -> None:
        if effect.id in self._own:
            self._own.remove(effect.id)

    async def _end(
        self,
        tx: Transaction,
        effect: StoredEffect,
        status: EffectStatus,
        *,
        message: str = "",
        result: Plain = None,
    ) -> None:
        now = self._house.clock()
        await tx.effects.end(
            effect.scope, effect.id, status=status, at=now, message=message, result=result
        )


def _name_of(asking: Asking, arguments: Mapping[str, Plain]) -> str:
    """Return the effect of a call with a key: the same call is the same one after a crash, too."""
    who = f"{TOOL}/{asking.caller.actor.id}/{arguments['idempotency_key']}"
    return f"eff_{call_digest(who, arguments)[:24]}"


def _may_repeat(action: Action, failure: CallFailed) -> bool:
    """Say whether a call may be made again; never one that may have happened, unless harmless."""
    return failure.retryable and (action.idempotent or not failure.unknown)


def _look(direct: Direct) -> Plain:
    return call_of("get_policy", "Read about the action.", action=direct.action.name)


def _unknown(direct: Direct, message: str = "") -> Refusal:
    name = direct.action.name
    why = f" {message}." if message else ""
    return refusal(
        "outcome-unknown",
        f"`{name}` was begun and no answer came.{why} "
        "Find out whether it happened before you call it again.",
        action=name,
        next=[_look(direct)],
        decision=direct.verdict.id,
    )


def _unkept(direct: Direct, result: Record) -> Refusal:
    name = direct.action.name
    return refusal(
        "outcome-unknown",
        f"`{name}` was called and answered, but the store did not keep its end. "
        "Do not call it again.",
        action=name,
        result=result,
        next=[_look(direct)],
        decision=direct.verdict.id,
    )
