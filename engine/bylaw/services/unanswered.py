"""Direct calls that were begun and never got an end: for `bylaw status`, and for the log.

Who called again with the same key learns it from the refusal; nobody else would.
"""

from datetime import datetime, timedelta

import structlog

from bylaw.base.plain import Plain
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.services.house import House
from bylaw.services.journal import SCOPE
from bylaw.services.moment import iso
from bylaw.services.outgoing import time_of

log = structlog.get_logger(__name__)

# An idempotency key is known so long; after that nobody can ask for the outcome any more.
KEPT = timedelta(days=7)
GAVE_UP = "no answer ever came"


class Unanswered:
    """Knows the calls whose end is overdue, as of the last look."""

    def __init__(self, house: House) -> None:
        """Look into the store of this house."""
        self._house = house
        self._found: tuple[StoredEffect, ...] = ()

    async def look(self) -> None:
        """Find the calls that should have ended by now, and log those that are new."""
        now = self._house.clock()
        async with self._house.store.read() as tx:
            running = await tx.effects.with_status(SCOPE, EffectStatus.RUNNING)
        overdue = [effect for effect in running if self._is_overdue(effect, now)]
        known = {effect.id for effect in self._found}
        for effect in overdue:
            if effect.id not in known:
                log.warning("a call has no answer", action=effect.action, effect=effect.id)
        old = [effect for effect in overdue if effect.created_at + KEPT < now]
        if old:
            await self._give_up(old, now)
        self._found = tuple(effect for effect in overdue if effect not in old)

    def told(self) -> list[Plain]:
        """Return the calls as answers show them."""
        return [
            {
                "effect": effect.id,
                "action": effect.action,
                "actor": effect.actor,
                "begun_at": iso(effect.created_at),
            }
            for effect in self._found
        ]

    def _is_overdue(self, effect: StoredEffect, now: datetime) -> bool:
        """Say whether a caller's own call has had all its time; the others are jobs."""
        if effect.instance is not None:
            return False
        action = self._house.snapshots.live.actions.get(effect.action)
        return effect.created_at + time_of(action) < now

    async def _give_up(self, old: list[StoredEffect], now: datetime) -> None:
        async with self._house.store.write() as tx:
            for effect in old:
                await tx.effects.end(
                    effect.scope, effect.id, status=EffectStatus.FAILED, at=now, message=GAVE_UP
                )
