"""One call as the services see it: who asks, on which snapshot, and what they know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bylaw.base.names import did_you_mean, sentence
from bylaw.base.place import Place
from bylaw.base.plain import Plain, Record
from bylaw.decide.access import grants, modes_in_force
from bylaw.decide.environment import SESSION, environment
from bylaw.model.access import AccessMode
from bylaw.model.action import Action, ActionSource
from bylaw.model.condition import Env
from bylaw.model.instance import Instance
from bylaw.model.snapshot import Snapshot
from bylaw.services.answer import Refusal, call_of, refusal
from bylaw.services.caller import Caller

Clock = Callable[[], datetime]
NewId = Callable[[str], str]

# What conditions see as `action` where none is decided on: timers, listings, access modes.
NO_ACTION = Action(name="", description="", source=ActionSource.BUILT_IN, place=Place("built-in"))


NONE_LEFT_OUT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The caller, the snapshot it is answered on, the modes in force, and its facts."""

    caller: Caller
    snapshot: Snapshot
    now: datetime
    modes: tuple[AccessMode, ...]
    session: Record
    facts: Record

    @property
    def without(self) -> frozenset[str]:
        """Return the policies that the caller's endpoint leaves out."""
        return self.caller.at.without if self.caller.at is not None else NONE_LEFT_OUT

    def granted(self, action: Action, resource: str | None = None) -> bool:
        """Say whether the caller's modes grant the action; what they do not is not there."""
        return grants(self.modes, action, resource=resource)

    def env(
        self,
        action: Action,
        params: Record,
        *,
        workflow: Record | None = None,
        known: Record | None = None,
    ) -> dict[str, Plain]:
        """Return what conditions see for this action; `known` may have the `resource`."""
        env = environment(
            actor=self.caller.actor,
            access=tuple(mode.name for mode in self.modes),
            action=action,
            params=params,
            session=self.session,
            workflow=workflow,
            scope=self.caller.scope,
            now=self.now,
            facts=self.facts,
        )
        return {**env, **known} if known else env


def begin(caller: Caller, snapshot: Snapshot, facts: Record, now: datetime) -> Asking | Refusal:
    """Take up a call: check the facts that came with it, and find the modes in force."""
    wrong = _wrong_fact(snapshot, facts)
    return wrong if wrong is not None else begun(caller, snapshot, facts, now)


def begun(caller: Caller, snapshot: Snapshot, facts: Record, now: datetime) -> Asking:
    """Take up a call whose facts may be sent, and find the modes in force."""
    session = {**SESSION, **facts.get("session", {})}
    env: Env = environment(
        actor=caller.actor, session=session, scope=caller.scope, now=now, facts=facts
    )
    one = caller.at.access if caller.at is not None else None
    modes = modes_in_force(snapshot, caller.actor, env, endpoint_mode=one)
    own = {name: value for name, value in facts.items() if name != "session"}
    return Asking(
        caller=caller, snapshot=snapshot, now=now, modes=modes, session=session, facts=own
    )


def _wrong_fact(snapshot: Snapshot, facts: Record) -> Refusal | None:
    if not facts:
        return None
    declared = {name for policy in snapshot.policies.values() for name in policy.facts}
    for name, value in facts.items():
        if name == "session":
            if not isinstance(value, Mapping) or set(value) - set(SESSION):
                return refusal(
                    "bad-params", "The fact `session` is a record with `id` and `mode`."
                )
        elif name not in declared:
            hint = did_you_mean(name, [*declared, "session"])
            known = ", ".join(f"`{fact}`" for fact in sorted(declared)) or "none"
            why = "Only facts that a policy declares can be sent; the engine knows the rest."
            text = f"No policy declares the fact `{name}`. {hint and sentence(hint)}"
            look = call_of("get_policy", "See which facts the rules ask for.")
            return refusal("bad-params", f"{text} {why} Declared: {known}.", next=[look])
    return None


def workflow_record(instance: Instance, leaf_states: tuple[str, ...]) -> Record:
    """Return what conditions see as `workflow`."""
    return {
        "name": instance.workflow,
        "id": instance.id,
        "key": instance.key,
        "state": leaf_states[0] if len(leaf_states) == 1 else list(leaf_states),
        "states": list(instance.states),
        "version": instance.version,
        "data": dict(instance.data),
    }
