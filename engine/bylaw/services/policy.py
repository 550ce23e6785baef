"""`get_policy`: what a policy says, or every rule that could touch an action."""

from collections.abc import Iterable, Mapping

from bylaw.base.names import did_you_mean, folded, sentence
from bylaw.base.plain import Plain
from bylaw.model.actor import Who
from bylaw.model.persona import Persona
from bylaw.model.policy import Policy, Rule
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import find_action


class GetPolicy:
    """Reads policies from the snapshot; nothing is decided and nothing written."""

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `get_policy`."""
        name, action = arguments.get("name"), arguments.get("action")
        if name is not None:
            return _one(asking, name, action)
        if action is not None:
            return _touching(asking, action)
        return _all(asking)


def find_policy(asking: Asking, name: str) -> Policy | Refusal:
    """Return the policy of this name; `-` and `_` are alike."""
    policies = asking.snapshot.policies
    alike = [one for one in policies if one == name or folded(one) == folded(name)]
    if alike:
        return policies[alike[0]]
    hint = sentence(did_you_mean(name, policies))
    action = asking.snapshot.actions.get(name)
    if action is not None and asking.granted(action):
        hint = "It is an action."
        look = call_of("get_policy", "See the rules that touch it.", action=name)
    else:
        look = call_of("get_policy", "See all policies.")
    return refusal("unknown", f"There is no policy `{name}`. {hint}".strip(), next=[look])


def _one(asking: Asking, name: str, action: str | None) -> Answer | Refusal:
    if name in asking.snapshot.personas and name not in asking.snapshot.policies:
        return _persona(asking.snapshot.personas[name])
    policy = find_policy(asking, name)
    if isinstance(policy, Refusal):
        return policy
    found = find_action(asking, action) if action is not None else None
    if isinstance(found, Refusal):
        return found
    rules = policy.rules if found is None else _bound(asking, found.action.name, policy)
    what = f" on `{found.action.name}`" if found is not None else ""
    return answer(
        f"`{policy.name}`{what}: {policy.description}",
        **_policy(policy),
        rules=[_rule(rule) for rule in rules],
        facts=_facts([policy]),
        vars=_values(asking, rules),
    )


def _bound(asking: Asking, action: str, policy: Policy) -> tuple[Rule, ...]:
    bound = asking.snapshot.rules.get(action, ())
    return tuple(
        rule
        for one in bound
        if one.policy.name == policy.name and policy.name not in asking.without
        for rule in one.rules
    )


def _touching(asking: Asking, name: str) -> Answer | Refusal:
    found = find_action(asking, name)
    if isinstance(found, Refusal):
        return found
    table = asking.snapshot.rules.get(found.action.name, ())
    bound = [one for one in table if one.policy.name not in asking.without]
    rules = [rule for one in bound for rule in one.rules]
    return answer(
        f"{_many(len(rules), 'rule')} could touch `{found.action.name}`."
        if rules
        else f"No rule touches `{found.action.name}`: it is granted, and that is all.",
        action=found.action.name,
        policies=[_policy(one.policy) for one in bound],
        rules=[_rule(rule) for rule in rules],
        facts=_facts(one.policy for one in bound),
        vars=_values(asking, rules),
    )


def _all(asking: Asking) -> Answer:
    policies = asking.snapshot.policies.values()
    personas = asking.snapshot.personas.values()
    said = f"{_many(len(policies), 'policy', 'policies')}, {_many(len(personas), 'persona')}."
    return answer(
        f"{said} Each is told in full by its `name`.",
        policies={policy.name: policy.description for policy in policies},
        personas={persona.name: persona.title for persona in personas},
    )


def _persona(one: Persona) -> Answer:
    return answer(
        f"`{one.name}`: {one.description}",
        persona=one.name,
        title=one.title,
        principles=list(one.principles),
    )


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def _policy(policy: Policy) -> dict[str, Plain]:
    said: dict[str, Plain] = {
        "policy": policy.name,
        "at": policy.place.short,
        "about": policy.description,
        "owner": policy.owner,
        "applies": list(policy.applies.words),
        "always": True if policy.always else None,
        "shadow": True if policy.shadow else None,
        "default": policy.default.value if policy.default.value != "none" else None,
    }
    return _said(said)


def _rule(rule: Rule) -> dict[str, Plain]:
    return _said(
        {
            "rule": rule.ref,
            "at": rule.place.short,
            "effect": rule.effect.value,
            "actions": list(rule.actions.words) if rule.actions is not None else None,
            "who": _words(rule.who),
            "when": rule.when.text if rule.when is not None else None,
            "unless": [
                _said(
                    {
                        "name": excuse.name,
                        "who": _words(excuse.who),
                        "when": excuse.when.text if excuse.when is not None else None,
                        "until": excuse.until.isoformat() if excuse.until else None,
                    }
                )
                for excuse in rule.excuses
            ],
            "message": rule.message.raw if rule.message is not None else None,
        }
    )


def _words(who: Who | None) -> list[str] | None:
    return list(who.words) if who is not None else None


def _facts(policies: Iterable[Policy]) -> dict[str, Plain]:
    return {name: dict(schema) for policy in policies for name, schema in policy.facts.items()}


def _values(asking: Asking, rules: Iterable[Rule]) -> dict[str, Plain]:
    read = {
        word
        for rule in rules
        for condition in (rule.when, *(excuse.when for excuse in rule.excuses))
        if condition is not None
        for word in condition.text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    }
    return {name: value for name, value in asking.snapshot.server.vars.items() if name in read}


def _said(members: dict[str, Plain]) -> dict[str, Plain]:
    return {name: value for name, value in members.items() if value not in (None, "", [])}
