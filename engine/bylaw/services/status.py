"""What is live, and what stands in the way: for `/health`, `status` and the log."""

from bylaw.base.errors import BylawError
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.services.answer import Answer, answer
from bylaw.services.house import House
from bylaw.services.moment import iso
from bylaw.services.unanswered import Unanswered


class Status:
    """Tells the state of the whole server from what it holds; asks nobody."""

    def __init__(self, house: House, unanswered: Unanswered, *, version: str) -> None:
        """Tell about this house, served by this version of Bylaw."""
        self._house = house
        self._version = version
        self._unanswered = unanswered
        self.store_ok = True

    async def look(self) -> None:
        """Ask the store whether it is there and set up, and remember the answer.

        One that comes back empty, or was not there at the start, is set up now.
        """
        try:
            await self._house.store.migrate()
        except BylawError:
            self.store_ok = False
        else:
            self.store_ok = True

    def health(self) -> Answer:
        """Return what anybody may know: alive, ready, and whether the content is current."""
        stale = self._house.snapshots.rejected is not None
        text = "Ready." if self.store_ok else "The store does not answer: runs are refused."
        if stale:
            text += " The files do not load; the last good snapshot is live."
        return answer(
            text,
            live=True,
            ready=self.store_ok,
            content="stale" if stale else "current",
            version=self._version,
            **self._problems(),
        )

    def status(self) -> Answer:
        """Return everything about what is live."""
        live = self._house.snapshots.live
        return answer(
            f"`{live.server.name}` is served"
            + (", but the files have problems." if self._house.snapshots.rejected else "."),
            house=live.server.name,
            digest=live.digest,
            git_commit=live.git_commit,
            live_since=iso(live.compiled_at),
            version=self._version,
            store=self._house.store.kind,
            store_ok=self.store_ok,
            policies=[
                {"policy": policy.name, "rules": len(policy.rules), "shadow": policy.shadow}
                for policy in live.policies.values()
            ],
            workflows=sorted(live.workflows),
            personas=sorted(live.personas),
            access=sorted(live.modes),
            dropped_audit=self._house.journal.dropped or None,
            unanswered=self._unanswered.told(),
            restart_for=list(self._house.snapshots.restart_for),
            **self._problems(),
        )

    def _problems(self) -> dict[str, Plain]:
        rejected = self._house.snapshots.rejected
        if rejected is None:
            return {}
        return {
            "stale_since": iso(rejected.since),
            "problems": [problem_record(one) for one in rejected.problems],
        }


def problem_record(problem: Problem) -> dict[str, Plain]:
    """Return a problem as answers show it."""
    said = {
        "at": str(problem.place),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }
    return {name: value for name, value in said.items() if value}
