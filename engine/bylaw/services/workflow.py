"""`get_workflow_state`: where instances stand, what is next and for whom, what happened."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import lru_cache

from bylaw.base.names import did_you_mean, sentence
from bylaw.base.plain import Plain
from bylaw.decide.workflow import Possible, possible
from bylaw.model.action import Action
from bylaw.model.effect import EffectStatus, StoredEffect
from bylaw.model.history import HistoryEntry
from bylaw.model.instance import Instance
from bylaw.model.snapshot import Snapshot
from bylaw.model.workflow import TriggerKind
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import NO_ACTION, Asking
from bylaw.services.house import House
from bylaw.services.moment import iso
from bylaw.services.refusal import next_calls
from bylaw.services.stepping import Stand, Stepping
from bylaw.store.instance import Sight
from bylaw.store.store import Transaction

UNDER_WAY = (EffectStatus.PENDING, EffectStatus.RUNNING)
LISTED = 50
HISTORY = 50
FAILED = 5
# Another process may have moved the instance: look this often while waiting.
LOOK_S = 0.5


class GetWorkflowState:
    """Reads instances; with `wait_s` it answers when one changes."""

    def __init__(self, house: House, stepping: Stepping) -> None:
        """Read with these."""
        self._house = house
        self._stepping = stepping

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `get_workflow_state`."""
        named = arguments.get("instance")
        if named is None:
            return await self._listed(asking, arguments.get("workflow"))
        since = arguments.get("since_version")
        wait_s = arguments.get("wait_s", 0)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            found = await self._one(asking, named, arguments)
            if isinstance(found, Refusal) or not wait_s:
                return found
            since = found["version"] if since is None else since
            left = until - loop.time()
            if found["version"] > since or left <= 0:
                return found
            await asyncio.sleep(min(left, LOOK_S))

    async def _one(
        self, asking: Asking, named: str, arguments: Mapping[str, Plain]
    ) -> Answer | Refusal:
        scope = asking.caller.scope
        async with self._house.store.read() as tx:
            sight = await _named(tx, asking, named)
            if sight is None:
                return await _unknown(tx, asking, named)
            instance = sight.instance
            stand = await self._stepping.at(tx, asking, instance)
            history = await _history(tx, instance) if arguments.get("history") else []
            called = sight.has_calls
            effects = await tx.effects.of_instance(scope, instance.id) if called else ()
            waiting = await self._waiting(tx, sight, effects)
        told = self._told(asking, stand, waiting, _failed(effects))
        return {**told, "history": history} if history else told

    async def _waiting(
        self, tx: Transaction, sight: Sight, effects: Iterable[StoredEffect]
    ) -> list[Plain]:
        one = sight.instance
        timers = await tx.timers.waiting(one.scope, one.id) if sight.has_timers else ()
        return [
            *({"timer": timer.name, "due_at": iso(timer.due_at)} for timer in timers),
            *(
                {
                    "effect": effect.action,
                    "status": effect.status.value,
                    "attempts": effect.attempts,
                }
                for effect in effects
                if effect.status in UNDER_WAY
            ),
        ]

    def _told(
        self, asking: Asking, stand: Stand, waiting: list[Plain], failed: list[Plain]
    ) -> Answer:
        instance = stand.instance
        env = asking.env(NO_ACTION, {}, workflow=stand.record)
        options = possible(stand.workflow, instance, env, asking.now)
        live = asking.snapshot.workflows.get(instance.workflow)
        own = live is None or live.definition != stand.workflow.definition
        closed = " It is closed." if instance.closed else ""
        return answer(
            f"`{instance.id}` is in `{stand.state}`.{closed}",
            **stand.members(),
            closed=True if instance.closed else None,
            about=stand.workflow.states[stand.workflow.by_id[stand.leaves[0]]].description,
            data=dict(instance.data),
            actions=[
                one.action
                for one in options
                if one.reason is None and _granted(asking, one.action)
            ],
            blocked=[_blocked(asking, stand, one) for one in options if one.reason is not None],
            waiting=[*waiting, *({"event": name} for name in _awaited(stand))],
            failed=failed,
            own_definition=True if own else None,
            started_by=instance.started_by,
            moved_at=iso(instance.moved_at),
        )

    async def _listed(self, asking: Asking, workflow: str | None) -> Answer | Refusal:
        if workflow is not None and not may_see(asking, workflow):
            return _unknown_workflow(asking, workflow)
        async with self._house.store.read() as tx:
            instances = await tx.instances.open_of(
                asking.caller.scope, workflow=workflow, limit=LISTED
            )
            mine = (one for one in instances if may_see(asking, one.workflow))
            stands, _ = await self._stepping.standing(tx, asking, mine)
        start = call_of("get_available_actions", "See what can be started.")
        return answer(
            f"Open: {len(stands)}." if stands else "Nothing is open.",
            instances=[
                {**stand.members(), "moved_at": iso(stand.instance.moved_at)} for stand in stands
            ],
            next=[] if stands else [start],
        )


def _unknown_workflow(asking: Asking, workflow: str) -> Refusal:
    mine = [name for name in asking.snapshot.workflows if may_see(asking, name)]
    hint = sentence(did_you_mean(workflow, mine))
    look = call_of("get_workflow_state", "See what is open of all workflows.")
    return refusal("unknown", f"There is no workflow `{workflow}`. {hint}".strip(), next=[look])


async def _history(tx: Transaction, instance: Instance) -> list[Plain]:
    """Return the last steps of an instance, the newest first."""
    after = instance.version - HISTORY - 1
    entries = await tx.history.of_instance(instance.scope, instance.id, after=after)
    return [_happened(entry) for entry in reversed(entries)]


def may_see(asking: Asking, workflow: str) -> bool:
    """Say whether the caller is granted anything of a workflow, and so may see its instances."""
    return any(
        asking.granted(action) for action in _by_workflow(asking.snapshot).get(workflow, ())
    )


# Of one snapshot, so that none is kept that is not live any more.
@lru_cache(maxsize=1)
def _by_workflow(snapshot: Snapshot) -> Mapping[str, list[Action]]:
    found: dict[str, list[Action]] = {}
    for action in snapshot.actions.values():
        if action.workflow is not None:
            found.setdefault(action.workflow, []).append(action)
    return found


async def _named(tx: Transaction, asking: Asking, named: str) -> Sight | None:
    """Return the instance of this id, or the only one that a workflow has under this key."""
    scope = asking.caller.scope
    found = await tx.instances.sights(scope, [named])
    if found:
        return found[0] if may_see(asking, found[0].instance.workflow) else None
    mine = [name for name in asking.snapshot.workflows if may_see(asking, name)]
    alike = await tx.instances.sights(scope, [f"{name}:{named}" for name in mine])
    return alike[0] if len(alike) == 1 else None


async def _unknown(tx: Transaction, asking: Asking, named: str) -> Refusal:
    listed = await tx.instances.open_of(asking.caller.scope, limit=LISTED)
    near = did_you_mean(named, [one.id for one in listed if may_see(asking, one.workflow)])
    look = call_of("get_workflow_state", "See the open ones.")
    text = f"There is no instance `{named}`. {sentence(near)}"
    return refusal("unknown", text.strip(), next=[look])


def _awaited(stand: Stand) -> list[str]:
    """Return the events that would move the instance from where it stands."""
    if stand.instance.closed:
        return []
    active = [stand.workflow.states[stand.workflow.by_id[leaf]] for leaf in stand.leaves]
    tried = {trigger for state in active for trigger in state.candidates}
    return sorted(name for kind, name in tried if kind is TriggerKind.EVENT)


def _granted(asking: Asking, name: str) -> bool:
    action = asking.snapshot.actions.get(name)
    return action is not None and asking.granted(action)


def _blocked(asking: Asking, stand: Stand, option: Possible) -> dict[str, Plain]:
    held = option.reason
    if held is None:
        return {"action": option.action}
    said: dict[str, Plain] = {
        "action": option.action,
        "who": list(held.who),
        "why": held.message,
        "rule": held.ref,
        "at": held.place.short,
        "next": next_calls(asking, [(held.advice, held.message)], instance=stand.instance),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _failed(effects: Iterable[StoredEffect]) -> list[Plain]:
    """Return the last calls that were given up, with why."""
    dead = [effect for effect in effects if effect.status is EffectStatus.FAILED]
    return [
        {"effect": effect.action, "attempts": effect.attempts, "why": effect.message}
        for effect in dead[:FAILED]
    ]


def _happened(entry: HistoryEntry) -> dict[str, Plain]:
    said: dict[str, Plain] = {
        "version": entry.version,
        "at": iso(entry.at),
        "actor": entry.actor,
        "trigger": entry.trigger,
        "states": list(entry.states),
        "changed": dict(entry.changed),
        "decision": entry.decision,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}
