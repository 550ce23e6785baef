"""What is live, and what stands in the way: for `/health`, `status` and the log."""

from bylaw.base.errors import BylawError
from bylaw.base.names import sentence
from bylaw.base.plain import Plain
from bylaw.base.problem import Problem
from bylaw.services.answer import Answer, answer
from bylaw.services.house import House
from bylaw.services.moment import iso
from bylaw.services.snapshots import Snapshots
from bylaw.services.unanswered import Unanswered

# Problems that an answer names; anybody may ask for them, as often as they like.
MOST_SHOWN = 100


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
        snapshots = self._house.snapshots
        text = "Ready." if self.store_ok else "The store does not answer: runs are refused."
        if snapshots.pinned is not None:
            text += f" {pin_sentence(snapshots)}"
        if snapshots.rejected is not None:
            kept = "" if snapshots.pinned else "; the last good snapshot is live"
            text += f" The files do not load{kept}."
        return answer(
            text,
            live=True,
            ready=self.store_ok,
            content=content_of(snapshots),
            version=self._version,
            **self._problems(),
            **pin_record(snapshots),
        )

    def status(self) -> Answer:
        """Return everything about what is live."""
        snapshots = self._house.snapshots
        live = snapshots.live
        text = f"`{live.server.name}` is served"
        text += ", but the files have problems." if snapshots.rejected else "."
        if snapshots.pinned is not None:
            text += f" {pin_sentence(snapshots)}"
        return answer(
            text,
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
            restart_for=list(snapshots.restart_for),
            **self._problems(),
            **pin_record(snapshots),
        )

    def _problems(self) -> dict[str, Plain]:
        rejected = self._house.snapshots.rejected
        if rejected is None:
            return {}
        return {
            "stale_since": iso(rejected.since),
            "problems": [problem_record(one) for one in rejected.problems[:MOST_SHOWN]],
            **(
                {"more_problems": more}
                if (more := len(rejected.problems) - MOST_SHOWN) > 0
                else {}
            ),
        }


def content_of(snapshots: Snapshots) -> str:
    """Return in a word how what is live stands to the files."""
    pinned = snapshots.pinned
    if snapshots.rejected is not None or (pinned is not None and pinned.problems):
        return "stale"
    return "current" if pinned is None else "pinned"


def pin_sentence(snapshots: Snapshots) -> str:
    """Return what a person needs to know of the pin that holds."""
    pinned, waiting = snapshots.pinned, snapshots.waiting
    if pinned is None:
        return ""
    pin = pinned.pin
    why = f": {sentence(pin.reason)}" if pin.reason else "."
    text = f"`{pin.digest[:12]}` is pinned since {iso(pin.at)} by {pin.by}{why}"
    if pinned.problems:
        text += f" It does not load; `{snapshots.live.digest[:12]}` stays live."
    if waiting is not None:
        text += f" `{waiting.digest[:12]}`, of the files, is waiting behind the pin."
    return text


def pin_record(snapshots: Snapshots) -> dict[str, Plain]:
    """Return the pin that holds, and what waits behind it."""
    pinned, waiting = snapshots.pinned, snapshots.waiting
    if pinned is None:
        return {}
    said: dict[str, Plain] = {
        "digest": pinned.pin.digest,
        "since": iso(pinned.pin.at),
        "by": pinned.pin.by,
        "reason": pinned.pin.reason,
        "waiting": waiting.digest if waiting else None,
        "problems": [problem_record(one) for one in pinned.problems],
    }
    return {"pinned": {name: value for name, value in said.items() if value}}


def problem_record(problem: Problem) -> dict[str, Plain]:
    """Return a problem as answers show it."""
    said = {
        "at": str(problem.place),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }
    return {name: value for name, value in said.items() if value}
