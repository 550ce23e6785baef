"""The ends of what steps started: effects are delivered, timers fire, instances move on."""

from datetime import datetime, timedelta

from bylaw.adapters.http_call import HttpCaller
from bylaw.base.errors import CallFailed, Conflict
from bylaw.base.plain import Plain, Record
from bylaw.decide.environment import SESSION
from bylaw.model.actor import ENGINE
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.model.instance import Moved, Refused, Trigger
from bylaw.model.job import RetryPolicy
from bylaw.model.timer import StoredTimer
from bylaw.model.workflow import TriggerKind
from bylaw.services.asking import Asking
from bylaw.services.caller import Caller
from bylaw.services.house import House
from bylaw.services.outgoing import outgoing, retries_of
from bylaw.services.stepping import Stepping
from bylaw.services.writing import Stamp, Writing, enqueue_effect
from bylaw.store.store import Transaction

# What `do:` is tried beyond the first time; a `run:` says it itself.
RETRIES = 4
BACKOFF = RetryPolicy(first_s=1.0, most_s=60.0)
ENDED = (EffectStatus.DONE, EffectStatus.FAILED, EffectStatus.LATE)
# Races for one instance are short: so often is an end written again.
ATTEMPTS = 10


class Delivery:
    """Handles the jobs `effect` and `timer`. Both may run twice; the second finds the end."""

    def __init__(
        self, house: House, stepping: Stepping, writing: Writing, http: HttpCaller
    ) -> None:
        """Deliver with these."""
        self._house = house
        self._stepping = stepping
        self._writing = writing
        self._http = http

    async def effect(self, payload: Record) -> None:
        """Make the call of an effect and write its end, or the next attempt."""
        async with self._house.store.write() as tx:
            effect = await tx.effects.begin(payload["scope"], payload["effect"])
        if effect is None:
            return
        try:
            result = await self._called(effect)
        except CallFailed as failure:
            await self._failed(effect, failure, failures=1 + payload.get("failures", 0))
            return
        await self._ended(effect, EffectStatus.DONE, result=result)

    async def timer(self, payload: Record) -> None:
        """Fire a timer, unless the entry of its state is over."""
        timer = StoredTimer(**{**payload, "due_at": datetime.fromisoformat(payload["due_at"])})
        for _ in range(ATTEMPTS):
            try:
                async with self._house.store.write() as tx:
                    return await self._fire(tx, timer)
            except Conflict:
                continue
        raise Conflict(f"`{timer.instance}` was changed by others again and again")

    async def _called(self, effect: StoredEffect) -> Plain:
        snapshot = self._house.snapshots.live
        action = snapshot.actions.get(effect.action)
        if action is None:
            raise CallFailed(f"`{effect.action}` is not there any more", retryable=False)
        reply = await self._http.call(outgoing(snapshot, action, effect.params, key=effect.key))
        return self._house.journal.redactor.value(reply.result)

    async def _failed(self, effect: StoredEffect, failure: CallFailed, *, failures: int) -> None:
        # Attempts that were cut off by a crash have not failed.
        message = self._house.journal.redactor.text(str(failure))
        if not failure.retryable or failures > self._allowed(effect):
            await self._ended(effect, EffectStatus.FAILED, message=message)
            return
        wait = timedelta(seconds=BACKOFF.wait_s(failures, luck=0.0))
        async with self._house.store.write() as tx:
            await enqueue_effect(tx, effect, failures=failures, due_at=self._house.clock() + wait)

    def _allowed(self, effect: StoredEffect) -> int:
        """Return how often a call is tried beyond the first time: as it says, or its action."""
        action = self._house.snapshots.live.actions.get(effect.action)
        own = retries_of(action) if action is not None else 0
        return max(effect.retry, own) if effect.awaited else max(effect.retry, own, RETRIES)

    async def _ended(
        self,
        effect: StoredEffect,
        status: EffectStatus,
        *,
        message: str = "",
        result: Plain = None,
    ) -> None:
        for _ in range(ATTEMPTS):
            try:
                async with self._house.store.write() as tx:
                    await self._end(tx, effect, status, message=message, result=result)
                    return
            except Conflict:
                continue
        raise Conflict(f"`{effect.instance}` was changed by others again and again")

    async def _end(
        self,
        tx: Transaction,
        effect: StoredEffect,
        status: EffectStatus,
        *,
        message: str,
        result: Plain,
    ) -> None:
        current = await tx.effects.get(effect.scope, effect.id)
        if current is None or current.status in ENDED:
            return
        now = self._house.clock()
        moved_on = await self._tell(tx, effect, status, message=message, result=result, now=now)
        await tx.effects.end(
            effect.scope,
            effect.id,
            status=status if moved_on else EffectStatus.LATE,
            at=now,
            message=message,
            result=result,
        )
        body = {"effect": effect.id, "action": effect.action, "status": status.value}
        happened = self._house.journal.happening(
            "effect", effect.id, {**body, "message": message, "instance": effect.instance}, now=now
        )
        await tx.audit.append([happened])

    async def _tell(
        self,
        tx: Transaction,
        effect: StoredEffect,
        status: EffectStatus,
        *,
        message: str,
        result: Plain,
        now: datetime,
    ) -> bool:
        """Give the end to the state that awaits it; false where it was left meanwhile."""
        if not effect.awaited or effect.instance is None:
            return True
        done = status is EffectStatus.DONE
        trigger = Trigger(
            kind=TriggerKind.DONE if done else TriggerKind.FAILED,
            name=effect.name,
            params={"result": result} if done else {"message": message},
            state=effect.state,
            entry=effect.entry,
        )
        return await self._step(tx, effect.scope, effect.instance, trigger, now=now)

    async def _fire(self, tx: Transaction, timer: StoredTimer) -> None:
        if not await tx.timers.fire(timer):
            return
        trigger = Trigger(
            kind=TriggerKind.TIMER,
            name=timer.name,
            state=timer.state,
            entry=timer.entry,
            due_at=timer.due_at,
        )
        await self._step(tx, timer.scope, timer.instance, trigger, now=self._house.clock())

    async def _step(
        self, tx: Transaction, scope: str, name: str, trigger: Trigger, *, now: datetime
    ) -> bool:
        asking = self._asking(scope, now)
        instance = await tx.instances.get(scope, name)
        if instance is None or instance.closed:
            return False
        stand = await self._stepping.at(tx, asking, instance)
        outcome = self._stepping.stepped(asking, stand, trigger)
        match outcome:
            case Refused():
                await self._writing.plan_timers(tx, instance, outcome.timers)
                return outcome.code != "late"
            case Moved():
                stamp = Stamp(actor=ENGINE.id, now=now, kind=trigger.kind, trigger=trigger.name)
                await self._writing.step(tx, outcome, before=instance, stamp=stamp)
                return True

    def _asking(self, scope: str, now: datetime) -> Asking:
        caller = Caller(actor=ENGINE, scope=scope, endpoint="background", correlation_id="")
        return Asking(
            caller=caller,
            snapshot=self._house.snapshots.live,
            now=now,
            modes=(),
            session=SESSION,
            facts={},
        )
