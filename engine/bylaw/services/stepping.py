"""Steps of instances: which instance is meant, whether the step is possible, and its writing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bylaw.base.errors import DefinitionLost
from bylaw.base.names import nearest
from bylaw.base.plain import Plain, Record
from bylaw.decide.step import step
from bylaw.decide.workflow import leaf_states, new_timers, possible
from bylaw.model.action import Action
from bylaw.model.instance import (
    Instance,
    Moved,
    PlannedTimer,
    Refused,
    StepOutcome,
    Trigger,
)
from bylaw.model.workflow import TriggerKind, Workflow
from bylaw.services.answer import Refusal, call_of, refusal
from bylaw.services.asking import NO_ACTION, Asking, workflow_record
from bylaw.services.deciding import refused_by
from bylaw.services.definitions import Definitions, following
from bylaw.services.refusal import missing, next_calls, reason, with_call
from bylaw.services.resource import decided
from bylaw.store.store import Transaction

# How many open instances a refusal lists.
LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where an instance stands, and the definition that its next step follows.

    `timers` start with that step where the definition is a changed one.
    """

    instance: Instance
    workflow: Workflow
    timers: tuple[PlannedTimer, ...] = ()

    @property
    def record(self) -> Record:
        """Return what conditions see as `workflow`."""
        return workflow_record(self.instance, self.leaves)

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the innermost active states."""
        return leaf_states(self.workflow, self.instance)

    @property
    def state(self) -> Plain:
        """Return the state as answers name it: one name, or a list in parallel states."""
        leaves = self.leaves
        return leaves[0] if len(leaves) == 1 else list(leaves)

    def members(self) -> dict[str, Plain]:
        """Return what every answer about an instance says."""
        return {
            "instance": self.instance.id,
            "state": self.state,
            "version": self.instance.version,
        }


class Stepping:
    """Finds instances and tries steps."""

    def __init__(self, definitions: Definitions) -> None:
        """Take the definitions that instances follow from here."""
        self._definitions = definitions

    async def at(self, tx: Transaction, asking: Asking, instance: Instance) -> Stand:
        """Return where an instance stands by the definition that it follows now."""
        workflow = await self._definitions.of(tx, asking.snapshot, instance)
        if workflow.definition == instance.definition:
            return Stand(instance=instance, workflow=workflow)
        before = await self._definitions.before(tx, instance)
        timers = new_timers(before, workflow, instance, asking.now)
        return Stand(instance=instance, workflow=workflow, timers=timers)

    async def standing(
        self, tx: Transaction, asking: Asking, instances: Iterable[Instance]
    ) -> tuple[list[Stand], list[Instance]]:
        """Return where instances stand, and those whose definition is lost."""
        stands: list[Stand] = []
        lost: list[Instance] = []
        for instance in instances:
            try:
                stands.append(await self.at(tx, asking, instance))
            except DefinitionLost:
                lost.append(instance)
        return stands, lost

    async def stand(
        self, tx: Transaction, asking: Asking, action: Action, named: str | None
    ) -> Stand | Refusal:
        """Return where the instance stands that the caller means.

        Without a name it is the only open one of the workflow; of several none is guessed.
        """
        name = action.workflow or ""
        if named is None:
            found = await self._only_one(tx, asking, name)
        else:
            found = await self._named(tx, asking, name, named)
        return found if isinstance(found, Refusal) else await self.at(tx, asking, found)

    async def _named(
        self, tx: Transaction, asking: Asking, workflow: str, named: str
    ) -> Instance | Refusal:
        scope = asking.caller.scope
        for name in (named, f"{workflow}:{named}"):
            instance = await tx.instances.get(scope, name)
            if instance is not None and instance.workflow == workflow:
                return instance
        listed = await tx.instances.open_of(scope, workflow=workflow, limit=LISTED)
        ids = [instance.id for instance in listed]
        near = nearest(named, ids)
        hint = f" Did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
        look = call_of("get_workflow_state", "See the open ones.", workflow=workflow)
        return refusal(
            "unknown",
            f"There is no instance `{named}` of `{workflow}`.{hint}",
            instances=ids,
            next=[look],
        )

    async def _only_one(
        self, tx: Transaction, asking: Asking, workflow: str
    ) -> Instance | Refusal:
        scope = asking.caller.scope
        listed = await tx.instances.open_of(scope, workflow=workflow, limit=LISTED)
        if len(listed) == 1:
            return listed[0]
        if not listed:
            start = call_of(
                "get_available_actions", "See how to start one.", action=f"{workflow}.start"
            )
            text = f"No `{workflow}` is open."
            return refusal("which-instance", text, next=[start])
        look = call_of("get_workflow_state", "See where they stand.", workflow=workflow)
        return refusal(
            "which-instance",
            f"Several `{workflow}` are open; say which one in `instance`.",
            instances=[instance.id for instance in listed],
            next=[look],
        )

    def tried(self, asking: Asking, stand: Stand, action: Action, params: Record) -> StepOutcome:
        """Return what a step would make of the instance; nothing is written."""
        name = action.name.removeprefix(f"{stand.workflow.name}.")
        trigger = Trigger(kind=TriggerKind.ACTION, name=name, params=params)
        return self.stepped(asking, stand, trigger, action)

    def stepped(
        self, asking: Asking, stand: Stand, trigger: Trigger, action: Action = NO_ACTION
    ) -> StepOutcome:
        """Return what any trigger would make of the instance; nothing is written."""
        env = asking.env(action, trigger.params, workflow=stand.record)
        instance = following(stand.instance, stand.workflow)
        outcome = step(stand.workflow, instance, trigger, env, asking.now)
        return outcome if isinstance(outcome, Refused) else settled(stand, outcome)

    async def denied_effect(
        self,
        tx: Transaction,
        asking: Asking,
        stand: Stand,
        moved: Moved,
        *,
        decision: str,
        part_of: str,
    ) -> Refusal | None:
        """Return the refusal of the first call of a step that the policies do not let go ahead.

        What a step calls is decided as the caller's own, before anything is written.
        """
        record = Stand(instance=moved.instance, workflow=stand.workflow).record
        for effect in moved.effects:
            action = asking.snapshot.actions.get(effect.action)
            if action is None:
                text = f"Not done: `{effect.action}` is not there any more."
                return refusal("unavailable", text, action=part_of)
            params = effect.params
            verdict = await decided(tx, asking, action, params, id=decision, workflow=record)
            denied = refused_by(asking, verdict, part_of=part_of)
            if denied is not None:
                return denied
        return None

    def possible_names(self, asking: Asking, stand: Stand) -> list[str]:
        """Return the actions of the instance that the caller can do now."""
        env = asking.env(NO_ACTION, {}, workflow=stand.record)
        return [
            one.action
            for one in possible(stand.workflow, stand.instance, env, asking.now)
            if one.reason is None and self._granted(asking, one.action)
        ]

    def _granted(self, asking: Asking, name: str) -> bool:
        action = asking.snapshot.actions.get(name)
        return action is not None and asking.granted(action)


def refused_step(asking: Asking, stand: Stand, refused: Refused, name: str) -> Refusal:
    """Return the refusal of a step that the instance's state or guards do not allow."""
    first = refused.reasons[0] if refused.reasons else None
    text = first.message if first is not None and first.message else "that is not possible now."
    where = f"`{stand.instance.id}` is in `{stand.state}`"
    in_state = refused.code == "not-in-state"
    there = possible_in(stand.workflow, name)
    advices = [(one.advice, one.message) for one in refused.reasons]
    look = call_of(
        "get_workflow_state",
        "See what is possible there and for whom.",
        instance=stand.instance.id,
    )
    return refusal(
        refused.code,
        f"Not done: {where}; `{name}` is possible {there}." if in_state else f"Not done: {text}",
        action=name,
        because=[reason(one) for one in refused.reasons],
        missing=missing(refused.reasons),
        next=with_call(next_calls(asking, advices, instance=stand.instance), look),
        **stand.members(),
    )


def possible_in(workflow: Workflow, action: str) -> str:
    """Return in which states an action is possible, in words."""
    happens = TriggerKind.ACTION, action.removeprefix(f"{workflow.name}.")
    ids = [
        f"`{state.id}`" for state in workflow.states if state.id and happens in state.transitions
    ]
    return f"in {' or '.join(ids)} only" if ids else "in no state of its definition"


def stale(stand: Stand, expected: int | None) -> Refusal:
    """Refuse a call that was made for an older version, or that lost every race.

    The new state is in the answer.
    """
    now = f"`{stand.instance.id}` is at version {stand.instance.version}"
    others = "others changed it again and again meanwhile"
    look = call_of("get_workflow_state", "Look, then decide anew.", instance=stand.instance.id)
    return refusal(
        "stale",
        f"Not done: {now}{f', not {expected}' if expected is not None else f'; {others}'}.",
        next=[look],
        **stand.members(),
    )


def settled(stand: Stand, moved: Moved) -> Moved:
    """Return a step with the timers of a changed definition, and only what is to be cancelled.

    A state without timers and runs leaves nothing behind; under a changed definition nobody
    knows what the earlier one had, and all that was left is looked at.
    """
    if stand.instance.definition == stand.workflow.definition:
        return replace(moved, left=tuple(pair for pair in moved.left if _busy(stand, pair[0])))
    kept = [timer for timer in stand.timers if (timer.state, timer.entry) not in moved.left]
    return replace(moved, timers=(*kept, *moved.timers))


def _busy(stand: Stand, state: str) -> bool:
    left = stand.workflow.states[stand.workflow.by_id[state]]
    return bool(left.timers or left.run)
