"""Transforms: what they make of the params, or why they cannot be applied."""

from collections.abc import Iterable
from dataclasses import replace

from bylaw.base.plain import Plain, Record
from bylaw.model.action import Action
from bylaw.model.condition import Unresolved
from bylaw.model.decision import Finding
from bylaw.model.policy import Effect
from bylaw.model.shape import Mismatch


def transformed(action: Action, params: Record, findings: Iterable[Finding]) -> Record | Finding:
    """Return the params after the changes, or a denial where they cannot be applied.

    They cannot where two rules change one field, a value is not known, or the result does not
    fit the action.
    """
    changed: dict[str, Plain] = {}
    by: dict[str, str] = {}
    last: Finding | None = None
    for finding in findings:
        trouble = _trouble(finding, by)
        if trouble is not None:
            return trouble
        changed.update(finding.change)
        by.update(dict.fromkeys(finding.change, finding.rule))
        last = finding
    made = {**params, **changed}
    wrong = _wrong(action, made, frozenset(changed))
    if wrong and last is not None:
        blamed = by.get(_root(wrong[0]), last.rule)
        return _denied(replace(last, rule=blamed), f"After its change {wrong[0].message}.")
    return made


def changed_again(params: Record, findings: Iterable[Finding]) -> Finding | None:
    """Return a denial if a second round would change the params once more."""
    for finding in findings:
        for name, value in finding.change.items():
            if name not in params or params[name] != value:
                return _denied(finding, f"`{name}` was changed already, and would change again.")
    return None


def _trouble(finding: Finding, by: dict[str, str]) -> Finding | None:
    for name, value in finding.change.items():
        if name in by:
            message = f"`{name}` is changed by `{by[name]}` and by `{finding.rule}`."
            return _denied(finding, f"{message} Only one rule may change it.")
        if isinstance(value, Unresolved):
            denied = _denied(finding, f"What `{name}` is to become is not known.")
            return replace(denied, missing=value.missing, errors=value.errors)
    return None


def _wrong(action: Action, params: Record, changed: frozenset[str]) -> list[Mismatch]:
    """Return what does not fit in the changed fields; the others were checked before."""
    return [one for one in action.params.check(params) if _root(one) in changed]


def _root(mismatch: Mismatch) -> str:
    return mismatch.path.partition(".")[0].partition("[")[0]


def _denied(finding: Finding, message: str) -> Finding:
    return Finding(rule=finding.rule, place=finding.place, effect=Effect.DENY, message=message)
