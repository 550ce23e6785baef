"""Writing what a step made: state, history, effects, timers and their jobs, all or nothing."""

from dataclasses import dataclass
from datetime import datetime

from bylaw.base.errors import Conflict
from bylaw.model.effect import StoredEffect
from bylaw.model.history import HistoryEntry
from bylaw.model.instance import Instance, Moved, PlannedEffect, PlannedTimer
from bylaw.model.timer import StoredTimer
from bylaw.model.workflow import TriggerKind
from bylaw.services.asking import NewId
from bylaw.store.store import Transaction

# The names of the jobs; background/ has their handlers.
EFFECT_JOB = "effect"
TIMER_JOB = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who sets a step off, by what, when, and under which decision."""

    actor: str
    now: datetime
    kind: TriggerKind
    trigger: str
    decision: str | None = None
    reason: str = ""


class Writing:
    """Writes steps inside a transaction that the caller opened."""

    def __init__(self, new_id: NewId) -> None:
        """Name new effects with ids from here."""
        self._new_id = new_id

    async def step(
        self, tx: Transaction, moved: Moved, *, before: Instance | None, stamp: Stamp
    ) -> None:
        """Write a step. `before` is the instance as it was read; None for a new one.

        Raises:
            Conflict: somebody else moved the instance, or opened one with its key, first.
        """
        await self._write_instance(tx, moved.instance, before)
        await tx.history.append(history_entry(moved, before, stamp))
        await self._leave(tx, moved, stamp.now)
        await self._plan_effects(tx, moved, stamp)
        await self.plan_timers(tx, moved.instance, moved.timers)

    async def free_id(self, tx: Transaction, scope: str, workflow: str, key: str) -> str:
        """Return the id of the next instance of a key: `#2` stands behind the second."""
        count = await tx.instances.count_of_key(scope, workflow, key=key)
        return f"{workflow}:{key}" if count == 0 else f"{workflow}:{key}#{count + 1}"

    async def _write_instance(
        self, tx: Transaction, after: Instance, before: Instance | None
    ) -> None:
        if before is None:
            written = await tx.instances.insert(after)
        else:
            written = await tx.instances.update(after, expected_version=before.version)
        if not written:
            raise Conflict(f"`{after.id}` was changed by somebody else")

    async def _leave(self, tx: Transaction, moved: Moved, now: datetime) -> None:
        after, left = moved.instance, moved.left
        for timer in await tx.timers.cancel_left(after.scope, after.id, left=left):
            await tx.cancel_job(timer_key(timer))
        for effect in await tx.effects.cancel_left(after.scope, after.id, left=left, at=now):
            await tx.cancel_job(effect_key(effect))

    async def _plan_effects(self, tx: Transaction, moved: Moved, stamp: Stamp) -> None:
        effects = [self._stored(planned, moved.instance, stamp) for planned in moved.effects]
        await tx.effects.insert(effects)
        for effect in effects:
            await enqueue_effect(tx, effect)

    async def plan_timers(
        self, tx: Transaction, instance: Instance, timers: tuple[PlannedTimer, ...]
    ) -> None:
        """Arm timers of an instance, each with its job."""
        armed = [stored_timer(planned, instance) for planned in timers]
        await tx.timers.arm(armed)
        for timer in armed:
            await tx.enqueue(
                TIMER_JOB, timer_payload(timer), due_at=timer.due_at, key=timer_key(timer)
            )

    def _stored(self, planned: PlannedEffect, instance: Instance, stamp: Stamp) -> StoredEffect:
        name = self._new_id("eff")
        return StoredEffect(
            scope=instance.scope,
            id=name,
            instance=instance.id,
            state=planned.state,
            entry=planned.entry,
            name=planned.name,
            action=planned.action,
            params=planned.params,
            actor=stamp.actor,
            awaited=planned.awaited,
            retry=planned.retry,
            timeout_s=planned.timeout_s,
            key=name,
            created_at=stamp.now,
        )


def history_entry(moved: Moved, before: Instance | None, stamp: Stamp) -> HistoryEntry:
    """Return what a step leaves in the history; the first entry has all the data."""
    after = moved.instance
    old = before.data if before is not None else {}
    changed = {
        name: value for name, value in after.data.items() if name not in old or old[name] != value
    }
    return HistoryEntry(
        scope=after.scope,
        instance=after.id,
        version=after.version,
        at=stamp.now,
        actor=stamp.actor,
        kind=stamp.kind.value,
        trigger=stamp.trigger,
        transitions=moved.transitions,
        states=after.states,
        changed=changed,
        definition=after.definition,
        decision=stamp.decision,
        reason=stamp.reason,
    )


def stored_timer(planned: PlannedTimer, instance: Instance) -> StoredTimer:
    """Return the row of a timer that a step starts."""
    return StoredTimer(
        scope=instance.scope,
        instance=instance.id,
        state=planned.state,
        entry=planned.entry,
        name=planned.name,
        due_at=planned.due_at,
    )


async def enqueue_effect(
    tx: Transaction, effect: StoredEffect, *, failures: int = 0, due_at: datetime | None = None
) -> None:
    """Have an effect delivered, now or at a moment, after so many attempts that failed."""
    payload = {"scope": effect.scope, "effect": effect.id, "failures": failures}
    await tx.enqueue(EFFECT_JOB, payload, due_at=due_at, key=effect_key(effect))


def effect_key(effect: StoredEffect) -> str:
    """Return the key of the job of an effect's next attempt.

    Each attempt has its own: while a job runs, PgQueuer keeps its key taken.
    """
    return f"effect/{effect.id}/{effect.attempts}"


def timer_key(timer: StoredTimer) -> str:
    """Return the key of a timer's job. A repeated one has a new deadline and so a new key."""
    where = f"{timer.scope}/{timer.instance}/{timer.state}/{timer.entry}/{timer.name}"
    return f"timer/{where}/{timer.due_at.isoformat()}"


def timer_payload(timer: StoredTimer) -> dict[str, str | int]:
    """Return what the job needs to find the timer again."""
    return {
        "scope": timer.scope,
        "instance": timer.instance,
        "state": timer.state,
        "entry": timer.entry,
        "name": timer.name,
        "due_at": timer.due_at.isoformat(),
    }
