"""What comes of tests: how many passed, and each failure with its place and its why."""

from collections.abc import Iterable
from dataclasses import dataclass

from bylaw.base.place import Place
from bylaw.base.plain import Plain, canonical
from bylaw.model.decision import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One case or step that did not come as expected."""

    place: Place
    name: str
    expected: str
    came: str
    why: str

    def __str__(self) -> str:
        """Return the failure as a person reads it, the place first."""
        lines = [f"{self.place}: failed: {self.name}", f"expected: {self.expected}"]
        lines += [f"came: {self.came}", f"why: {self.why}"]
        return "\n    ".join(lines)

    def record(self) -> dict[str, Plain]:
        """Return the failure for machines."""
        return {
            "at": str(self.place),
            "name": self.name,
            "expected": self.expected,
            "came": self.came,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of a run: `passed` cases and flows, and the failures in document order."""

    passed: int
    failures: tuple[Failure, ...]

    def __str__(self) -> str:
        """Return both counts: `12 passed, 1 failed`."""
        return f"{self.passed} passed, {len(self.failures)} failed"

    def record(self) -> dict[str, Plain]:
        """Return the run for machines."""
        failures = [failure.record() for failure in self.failures]
        return {
            "ok": not failures,
            "passed": self.passed,
            "failed": len(failures),
            "failures": failures,
        }


def said_of(finding: Finding) -> str:
    """Return what a rule says, where it stands, and the clause that decided."""
    parts = [f"`{finding.rule}` ({finding.place.short})"]
    if finding.message:
        parts.append(f": {finding.message}")
    if finding.clauses:
        first = finding.clauses[0]
        saw = ", ".join(f"{name}={canonical(value)}" for name, value in first.saw.items())
        parts.append(f" [{first.text}{f': saw {saw}' if saw else ''}]")
    if finding.errors:
        parts.append(f" ({'; '.join(finding.errors)})")
    return "".join(parts)


def listed(names: Iterable[str]) -> str:
    """Return names in backticks, or that there is none."""
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names)) or "nothing"
