"""Calls of the shipped house, and what its policies say of each."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bylaw.base.plain import Record
from tests.content.houses import NOW

SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 16 o'clock in Berlin
EARLY_IN_SUMMER = datetime(2026, 7, 20, 7, 0, tzinfo=UTC)  # 9 o'clock in Berlin
CANARY = {"build": "b7", "percent": 10}
DRY = CANARY | {"dry_run": True}
FIX = CANARY | {"incident": "i1"}
GONE = {"path": "src", "recursive": True}
ENTRY = {"what": "Restarted checkout.", "why": "It had stopped answering."}
OWN = ENTRY | {"by": "oli"}
LOG = {"key": "logs/a", "mode": "append"}
CHANGE = {"repo": "acme/web", "branch": "feature/x", "commit": "c1"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A call of the shipped house and what its policies say."""

    who: str
    action: str
    params: Record
    verdict: str
    rule: str = ""
    workflow: str | None = None
    now: datetime = NOW

    def __str__(self) -> str:
        """Return the call and the verdict, for the name of the test."""
        said = " ".join(f"{name}={value}" for name, value in self.params.items())
        inside = f" in {self.workflow}" if self.workflow else ""
        when = "" if self.now is NOW else f" at {self.now:%a %H:%M}"
        return f"{self.who} {self.action} {said}{inside}{when}: {self.verdict}"


CASES = [
    Case(who="claude", action="git.push", params={"branch": "feature/x"}, verdict="none"),
    Case(
        who="claude",
        action="git.push",
        params={"branch": "main"},
        verdict="deny",
        rule="branch-protection/no-direct-push",
    ),
    Case(
        who="bob",
        action="git.push",
        params={"branch": "release/1.2"},
        verdict="deny",
        rule="branch-protection/no-direct-push",
    ),
    Case(
        who="ana",
        action="git.push",
        params={"branch": "feature/x", "force": True},
        verdict="ask",
        rule="branch-protection/forced-push-needs-a-maintainer",
    ),
    Case(
        who="claude",
        action="git.push",
        params={"branch": "agent/claude", "force": True},
        verdict="none",
    ),
    Case(
        who="bob",
        action="git.merge",
        params=CHANGE | {"into": "main"},
        verdict="deny",
        rule="branch-protection/merge-only-by-review",
    ),
    Case(
        who="bob",
        action="git.merge",
        params=CHANGE | {"into": "main"},
        workflow="code-review",
        verdict="none",
    ),
    Case(who="bob", action="git.merge", params=CHANGE | {"into": "develop"}, verdict="none"),
    Case(
        who="claude",
        action="file.read",
        params={"path": "deploy/.env"},
        verdict="deny",
        rule="secret-files/agents-keep-out",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "~/.ssh/id_ed25519"},
        verdict="deny",
        rule="secret-files/agents-keep-out",
    ),
    Case(who="claude", action="file.read", params={"path": ".env.example"}, verdict="none"),
    Case(who="claude", action="file.read", params={"path": "src/a.py"}, verdict="none"),
    Case(
        who="ana",
        action="file.read",
        params={"path": ".env"},
        verdict="warn",
        rule="secret-files/people-are-warned",
    ),
    Case(
        who="claude",
        action="file.write",
        params={"path": "rules/secret-files.yaml", "content": ""},
        verdict="ask",
        rule="house-files/agents-ask-first",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "/srv/house/bylaw.yaml"},
        verdict="ask",
        rule="house-files/agents-ask-first",
    ),
    Case(
        who="ana",
        action="file.write",
        params={"path": "rules/secret-files.yaml", "content": ""},
        verdict="none",
    ),
    Case(
        who="claude",
        action="event.tests.finished",
        params=CHANGE | {"status": "passed"},
        verdict="deny",
        rule="test-reports/agents-run-tests",
    ),
    Case(
        who="ci",
        action="event.tests.finished",
        params=CHANGE | {"status": "passed"},
        verdict="none",
    ),
    Case(
        who="claude",
        action="git.commit",
        params={"branch": "main"},
        verdict="warn",
        rule="commits-and-tags/commits-go-on-a-branch",
    ),
    Case(who="claude", action="git.commit", params={"branch": "agent/claude"}, verdict="none"),
    Case(
        who="claude",
        action="git.tag",
        params={"tag": "v1.2.0"},
        verdict="deny",
        rule="commits-and-tags/version-tags-name-releases",
    ),
    Case(who="rita", action="git.tag", params={"tag": "v1.2.0"}, verdict="none"),
    Case(who="claude", action="git.tag", params={"tag": "before-the-move"}, verdict="none"),
    Case(
        who="bob",
        action="file.delete",
        params={"path": "web/.git", "recursive": True},
        verdict="deny",
        rule="destructive-actions/git-keeps-the-history",
    ),
    Case(
        who="claude",
        action="file.write",
        params={"path": ".git/hooks/pre-commit"},
        verdict="deny",
        rule="destructive-actions/git-keeps-the-history",
    ),
    Case(who="claude", action="file.write", params={"path": ".gitignore"}, verdict="none"),
    *(
        Case(
            who="bob",
            action="file.delete",
            params={"path": path, "recursive": True},
            verdict="deny",
            rule="destructive-actions/not-everything",
        )
        for path in ("/", ".", "~", "..", "../other", "/home", "src/..")
    ),
    Case(
        who="ana",
        action="file.delete",
        params=GONE | {"force": True},
        verdict="deny",
        rule="destructive-actions/no-forced-recursive-delete",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "web/node_modules", "recursive": True, "force": True},
        verdict="none",
    ),
    Case(
        who="claude",
        action="file.delete",
        params=GONE,
        verdict="warn",
        rule="destructive-actions/folders-are-noticed",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "dist", "recursive": True},
        verdict="none",
    ),
    Case(who="ana", action="file.delete", params=GONE, verdict="none"),
    Case(who="claude", action="file.delete", params={"path": "src/a.py"}, verdict="none"),
    Case(
        who="claude",
        action="file.write",
        params={"path": "web/package-lock.json"},
        verdict="deny",
        rule="dependencies/locks-are-made",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": "uv.lock"},
        verdict="deny",
        rule="dependencies/locks-are-made",
    ),
    Case(who="ana", action="file.write", params={"path": "uv.lock"}, verdict="none"),
    Case(
        who="claude",
        action="file.write",
        params={"path": "requirements-dev.txt"},
        verdict="warn",
        rule="dependencies/manifests-are-noticed",
    ),
    Case(who="ana", action="file.write", params={"path": "pyproject.toml"}, verdict="none"),
    Case(who="rita", action="deploy.apply", params=CANARY, workflow="release", verdict="none"),
    Case(
        who="rita",
        action="deploy.apply",
        params=CANARY,
        workflow="release",
        now=SATURDAY,
        verdict="deny",
        rule="change-freeze/office-hours-only",
    ),
    Case(
        who="rita",
        action="deploy.apply",
        params=CANARY,
        workflow="release",
        now=EVENING,
        verdict="deny",
        rule="change-freeze/office-hours-only",
    ),
    Case(
        who="rita",
        action="deploy.apply",
        params=CANARY,
        workflow="release",
        now=EARLY_IN_SUMMER,
        verdict="none",
    ),
    Case(who="rita", action="deploy.apply", params=DRY, now=SATURDAY, verdict="none"),
    Case(
        who="oli",
        action="deploy.apply",
        params=FIX,
        workflow="release",
        now=SATURDAY,
        verdict="none",
    ),
    Case(
        who="oli",
        action="deploy.apply",
        params=CANARY,
        workflow="release",
        now=SATURDAY,
        verdict="deny",
        rule="change-freeze/office-hours-only",
    ),
    Case(
        who="rita",
        action="deploy.apply",
        params=FIX,
        workflow="release",
        now=SATURDAY,
        verdict="deny",
        rule="change-freeze/office-hours-only",
    ),
    Case(
        who="rita",
        action="deploy.apply",
        params=CANARY,
        verdict="deny",
        rule="deployments/only-by-release",
    ),
    Case(
        who="robin",
        action="deploy.apply",
        params=CANARY,
        workflow="code-review",
        verdict="deny",
        rule="deployments/only-by-release",
    ),
    Case(who="robin", action="deploy.apply", params=DRY, verdict="none"),
    Case(who="oli", action="deploy.apply", params=FIX, verdict="none"),
    Case(
        who="robin",
        action="deploy.rollback",
        params={"repo": "acme/web"},
        verdict="deny",
        rule="deployments/agents-leave-it-running",
    ),
    Case(
        who="robin",
        action="deploy.rollback",
        params={"repo": "acme/web"},
        workflow="release",
        verdict="none",
    ),
    Case(
        who="oli",
        action="deploy.rollback",
        params={"repo": "acme/web"},
        now=SATURDAY,
        verdict="none",
    ),
    Case(
        who="claude",
        action="session.start",
        params={"mode": "acceptEdits"},
        verdict="warn",
        rule="session-discipline/known-modes",
    ),
    Case(who="claude", action="session.start", params={}, verdict="none"),
    Case(who="claude", action="session.start", params={"mode": "plan"}, verdict="none"),
    Case(
        who="claude",
        action="session.start",
        params={"mode": "release"},
        verdict="deny",
        rule="session-discipline/release-sessions-are-for-releasers",
    ),
    Case(who="robin", action="session.start", params={"mode": "release"}, verdict="none"),
    Case(
        who="claude",
        action="session.stop",
        params={},
        verdict="warn",
        rule="session-discipline/says-how-it-ended",
    ),
    Case(
        who="claude",
        action="session.stop",
        params={"reason": "The page is done, its tests are not."},
        verdict="none",
    ),
    Case(
        who="claude",
        action="context.write",
        params=LOG | {"value": ENTRY},
        verdict="transform",
        rule="logging/entries-are-signed",
    ),
    Case(
        who="eve",
        action="context.write",
        params={"key": "logs/a", "mode": "replace", "value": []},
        verdict="deny",
        rule="logging/entries-are-only-added",
    ),
    Case(
        who="claude",
        action="context.write",
        params=LOG | {"value": "Done."},
        verdict="deny",
        rule="logging/entries-say-what-and-why",
    ),
    Case(
        who="claude",
        action="context.write",
        params=LOG | {"value": OWN},
        verdict="deny",
        rule="logging/entries-are-ones-own",
    ),
    Case(who="oli", action="context.write", params=LOG | {"value": OWN}, verdict="none"),
    Case(
        who="oli",
        action="context.write",
        params=LOG | {"value": OWN | {"key": "AKIAABCDEFGHIJKLMNOP"}},
        verdict="deny",
        rule="logging/no-keys-in-entries",
    ),
    Case(
        who="claude",
        action="file.delete",
        params={"path": ".bylaw/bylaw.db"},
        verdict="deny",
        rule="logging/kept-files-stay",
    ),
]
