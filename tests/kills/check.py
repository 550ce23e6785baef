"""What must hold after any plug was pulled: whole or not at all, once, and as it was told."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.kills.plan import Answer, Op
from tests.kills.seen import Row, Seen, grouped

MOVES = {"start": 0, "add": 1, "send": 1, "close": 0}
RECORDS = ("append", "merge")
CALLS = ("once", "again")
ENDED = ("done", "failed", "late", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not be: lost, half there, there twice, told otherwise, or wrong."""

    kind: str
    of: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.of}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a call left in the store: how many rows of each kind, and how many it should."""

    found: dict[str, int]
    whole: dict[str, int]

    @property
    def done(self) -> bool:
        """Say whether it left all that it should."""
        return self.found == self.whole

    @property
    def absent(self) -> bool:
        """Say whether it left nothing."""
        return not any(self.found.values())


def calls_hold(ops: Iterable[Op], seen: Seen) -> Iterator[Finding]:
    """Find the calls that are lost, there in part or twice, or not as they were told."""
    for op in ops:
        traces = traces_of(op, seen)
        yield from is_whole(op, traces)
        yield from is_as_told(op, traces, seen)


def traces_of(op: Op, seen: Seen) -> Traces:
    """Return what a call left."""
    audits = [row for row in seen.audit_of.get(op.token, []) if done_in(row)]
    if op.kind in CALLS:
        return traces_of_call(op, seen, len(audits))
    found = {"audit": min(len(audits), 1) if op.kind == "seen" else len(audits)}
    whole = {"audit": 1}
    if op.kind in RECORDS:
        found["record"], whole["record"] = seen.written.get(op.token, 0), 1
    else:
        found["history"], whole["history"] = len(seen.history_of.get(op.token, [])), 1
        found["effects"] = len(seen.effects_of.get(op.token, []))
        whole["effects"] = MOVES.get(op.kind, 1)
    if op.key is not None:
        found["answer"], whole["answer"] = len(answers_of(op, seen)), 1
    if op.kind == "seen" and found["history"] == 0:
        # An event is written down before each instance that it concerns is moved.
        found["audit"] = 0
    return Traces(found=found, whole=whole)


def traces_of_call(op: Op, seen: Seen, audits: int) -> Traces:
    """Return what a direct call left; it is begun, and later ended with its answer."""
    effects = seen.effects_of.get(op.token, [])
    found = {"audit": min(audits, 1), "effects": len(effects)}
    whole = {"audit": 1, "effects": 1}
    if op.key is not None:
        found["answer"] = len(answers_of(op, seen))
        whole["answer"] = sum(row["status"] == "done" for row in effects)
    return Traces(found=found, whole=whole)


def done_in(row: Row) -> bool:
    """Say whether a decision was one on something that was then done."""
    return row["body"]["outcome"] in ("done", "running", "reported")


def answers_of(op: Op, seen: Seen) -> list[Row]:
    """Return what is kept under the key of a call."""
    if op.kind != "seen":
        return seen.answer_of.get((op.actor, op.key or ""), [])
    target = f"parcel:{op.arguments['params']['id']}"
    return seen.answer_of.get((op.actor, f"event:{op.key}@{target}"), [])


def is_whole(op: Op, traces: Traces) -> Iterator[Finding]:
    """Find a call that left something, but not all, or more than once."""
    if traces.done or traces.absent:
        return
    more = any(count > traces.whole[name] for name, count in traces.found.items())
    text = f"{op.kind}: found {traces.found}, whole is {traces.whole}"
    yield Finding(kind="twice" if more else "half", of=op.token, text=text)


def is_as_told(op: Op, traces: Traces, seen: Seen) -> Iterator[Finding]:
    """Find a call that its caller was told something else of."""
    if op.good and traces.absent and moved(op):
        yield Finding(kind="lost", of=op.token, text=f"{op.kind}: {op.good[0]}")
        return
    if op.refused and not traces.absent:
        text = f"refused, and done: {op.kind}: {op.answers[0]['summary']}"
        yield Finding(kind="told", of=op.token, text=text)
    if op.good and op.kind != "seen":
        yield from is_one_answer(op, seen)
    if op.good and op.kind in (*MOVES, "seen"):
        yield from is_its_step(op, seen)
    if op.good and op.kind in CALLS:
        (effect,) = seen.effects_of[op.token]
        if effect["status"] != "done":
            yield Finding(kind="half", of=op.token, text=f"acknowledged and {effect['status']}")


def moved(op: Op) -> bool:
    """Say whether a call that was acknowledged did anything; an event may find nobody."""
    return op.kind != "seen" or any(answer.get("instances") for answer in op.good)


def is_one_answer(op: Op, seen: Seen) -> Iterator[Finding]:
    """Find answers under one key that differ from the first, which is the kept one."""
    told = {text_of(answer) for answer in op.good}
    if op.key is not None:
        told |= {text_of(row["answer"]) for row in answers_of(op, seen)}
    if len(told) > 1:
        yield Finding(kind="told", of=op.token, text=f"one key, several answers: {told}")


def text_of(answer: Answer) -> str:
    """Return an answer as text, without the word that says that it is told again."""
    return json.dumps({name: value for name, value in answer.items() if name != "repeated"})


def is_its_step(op: Op, seen: Seen) -> Iterator[Finding]:
    """Find a step that is not the one of the answer."""
    steps = seen.history_of.get(op.token, [])
    for told in (one for answer in op.good for one in members_of(op, answer)):
        if not any(
            (step["instance"], step["version"]) == (told["instance"], told["version"])
            for step in steps
        ):
            yield Finding(kind="told", of=op.token, text=f"told {told}, stepped {steps}")
    if op.kind in MOVES and steps[0]["decision"] != op.good[0]["decision"]:
        yield Finding(kind="told", of=op.token, text="the step has another decision")


def members_of(op: Op, answer: Answer) -> list[Answer]:
    """Return what an answer says of instances."""
    return answer.get("instances", []) if op.kind == "seen" else [answer]


def store_holds(seen: Seen) -> Iterator[Finding]:
    """Find what does not fit together in the store, whoever asked for it."""
    history = grouped(seen.history, lambda row: str(row["instance"]))
    for instance in seen.instances:
        yield from replays(instance, history.pop(instance["id"], []))
    for name in history:
        yield Finding(kind="half", of=name, text="a history without an instance")
    yield from is_audited(seen)
    yield from has_jobs(seen)
    yield from fired_once(seen)
    for record in seen.context:
        if record["version"] != len(record["value"]):
            text = f"version {record['version']} after {len(record['value'])} writes"
            yield Finding(kind="half", of=record["key"], text=text)


def replays(instance: Row, entries: list[Row]) -> Iterator[Finding]:
    """Find an instance that its history does not lead to."""
    data = {}
    for entry in entries:
        data.update(entry["changed"])
    versions = [entry["version"] for entry in entries]
    if versions != list(range(1, instance["version"] + 1)):
        yield Finding(kind="half", of=instance["id"], text=f"versions {versions}")
    elif (data, entries[-1]["states"]) != (instance["data"], instance["states"]):
        yield Finding(kind="half", of=instance["id"], text="its history tells another state")
    twice = [token for token, count in Counter(instance["data"]["told"]).items() if count > 1]
    if twice:
        yield Finding(kind="twice", of=instance["id"], text=f"told {twice}")


def is_audited(seen: Seen) -> Iterator[Finding]:
    """Find steps without their decision, decisions without their step, ends without a record."""
    decisions = {row["id"]: row for row in seen.audit if row["kind"] == "decision"}
    steps = {row["decision"] for row in seen.history if row["decision"] is not None}
    for name in steps - decisions.keys():
        yield Finding(kind="half", of=name, text="a step without the record of its decision")
    for name, row in decisions.items():
        if row["instance"] and row["body"]["outcome"] == "done" and name not in steps:
            yield Finding(kind="half", of=name, text="a record of a step that is not there")
    ends = {row["id"] for row in seen.audit if row["kind"] == "effect"}
    for effect in seen.effects:
        has_end = effect["instance"] and effect["status"] in ("done", "failed", "late")
        if has_end and effect["id"] not in ends:
            yield Finding(kind="half", of=effect["id"], text="an end without its record")


def has_jobs(seen: Seen) -> Iterator[Finding]:
    """Find calls and timers that wait, and that no job will ever come to."""
    calls = {row["payload"].get("effect") for row in seen.jobs}
    for effect in seen.effects:
        if effect["instance"] and effect["status"] not in ENDED and effect["id"] not in calls:
            yield Finding(kind="half", of=effect["id"], text=f"{effect['status']} without a job")
    timers = {(row["payload"].get("instance"), row["payload"].get("entry")) for row in seen.jobs}
    for timer in seen.timers:
        if timer["status"] == "waiting" and (timer["instance"], timer["entry"]) not in timers:
            yield Finding(kind="half", of=timer["instance"], text="a timer without a job")


def fired_once(seen: Seen) -> Iterator[Finding]:
    """Find timers that moved their instance more or less than once."""
    fired = Counter(row["instance"] for row in seen.timers if row["status"] == "fired")
    steps = Counter(row["instance"] for row in seen.history if row["kind"] == "timer")
    for name in fired.keys() | steps.keys():
        if fired[name] != steps[name]:
            text = f"{fired[name]} timers fired and moved it {steps[name]} times"
            yield Finding(
                kind="twice" if steps[name] > fired[name] else "half", of=name, text=text
            )
