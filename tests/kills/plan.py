"""What the clients of one round ask for: drawn from a seed, so that it can be drawn again."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]

PARCELS = 4
KEYED = 0.6
# An answer that promises neither that it was done nor that it was not.
OPEN_ENDS = ("unavailable", "outcome-unknown")


@dataclass(slots=True, kw_only=True)
class Op:
    """One call; it may be sent more than once."""

    token: str
    kind: str
    tool: str
    actor: str
    arguments: dict[str, Any]
    # How often it was sent, and what came back before the plug was pulled.
    sent: int = 0
    answers: list[Answer] = field(default_factory=list)

    @property
    def key(self) -> str | None:
        """Return its idempotency key, or the id of its event."""
        found = self.arguments.get("idempotency_key", self.arguments.get("id"))
        return None if found is None else str(found)

    @property
    def good(self) -> list[Answer]:
        """Return the answers that say that it was done, the first one of its key at the front."""
        good = [answer for answer in self.answers if answer["ok"]]
        return sorted(good, key=lambda answer: "repeated" in answer)

    @property
    def refused(self) -> bool:
        """Say whether it was told each time that it was not done."""
        errors = [answer.get("error") for answer in self.answers]
        whole = self.sent == len(errors) > 0
        return whole and not any(error is None or error in OPEN_ENDS for error in errors)


@dataclass(slots=True, kw_only=True)
class Plan:
    """Draws the calls of one round; all tokens begin with its name."""

    name: str
    rng: random.Random
    parcels: list[str] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    made: int = 0

    def next(self, actor: str) -> Op:
        """Draw the next call."""
        kinds: dict[str, tuple[int, Callable[[str], tuple[str, dict[str, Any]]]]] = {
            "add": (28, self._add),
            "send": (14, self._send),
            "close": (2, self._close),
            "seen": (14, self._seen),
            "append": (10, self._append),
            "merge": (10, self._merge),
            "once": (8, self._once),
            "again": (8, self._again),
        }
        names = list(kinds)
        (kind,) = self.rng.choices(names, weights=[kinds[name][0] for name in names])
        self.made += 1
        token = f"{self.name}.{self.made}"
        starts = len(self.parcels) < PARCELS
        kind = "start" if starts else kind
        tool, arguments = self._start(token) if starts else kinds[kind][1](token)
        op = Op(token=token, kind=kind, tool=tool, actor=actor, arguments=arguments)
        self._keyed(op)
        self.ops.append(op)
        return op

    def _keyed(self, op: Op) -> None:
        if self.rng.random() < KEYED:
            name = "id" if op.tool == "trigger_event" else "idempotency_key"
            op.arguments[name] = f"key-{op.token}"

    def _parcel(self) -> str:
        return f"parcel:{self.rng.choice(self.parcels)}"

    def _start(self, token: str) -> tuple[str, dict[str, Any]]:
        self.parcels.append(token)
        params = {"id": token}
        return "run_action", {"action": "parcel.start", "params": params, "reason": token}

    def _step(self, name: str, token: str, params: dict[str, str]) -> tuple[str, dict[str, Any]]:
        parcel = self._parcel()
        action = {"action": f"parcel.{name}", "params": params, "instance": parcel}
        return "run_action", {**action, "reason": token}

    def _add(self, token: str) -> tuple[str, dict[str, Any]]:
        return self._step("add", token, {"word": token})

    def _send(self, token: str) -> tuple[str, dict[str, Any]]:
        return self._step("send", token, {"word": token})

    def _close(self, token: str) -> tuple[str, dict[str, Any]]:
        found = self._step("close", token, {})
        self.parcels.remove(found[1]["instance"].removeprefix("parcel:"))
        return found

    def _seen(self, token: str) -> tuple[str, dict[str, Any]]:
        params = {"id": self.rng.choice(self.parcels), "word": token}
        return "trigger_event", {"event": "seen", "params": params}

    def _append(self, token: str) -> tuple[str, dict[str, Any]]:
        key = f"logs/{self.name}.{self.rng.randrange(2)}"
        return "update_context", {"key": key, "value": token, "mode": "append"}

    def _merge(self, token: str) -> tuple[str, dict[str, Any]]:
        key = f"boards/{self.name}.{self.rng.randrange(2)}"
        return "update_context", {"key": key, "value": {token: 1}}

    def _once(self, token: str) -> tuple[str, dict[str, Any]]:
        return "run_action", {"action": "once", "params": {"word": token}, "reason": token}

    def _again(self, token: str) -> tuple[str, dict[str, Any]]:
        return "run_action", {"action": "again", "params": {"word": token}, "reason": token}
