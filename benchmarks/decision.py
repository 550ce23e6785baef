"""Decisions at 10 to 10,000 rules, beside engines that are given the same policy.

Every engine's verdicts are checked against the expected ones before it is timed. Each is timed
over the same mix of requests: some allowed, some denied, some with no rule that matches.
"""

import time
from collections.abc import Iterator

from benchmarks.form import Form
from benchmarks.peers import (
    agent_os_rules,
    bylaw_decision,
    casbin_fast,
    cedarpy_sets,
    cel_indexed,
    rego_bundle,
    simpleeval_indexed,
    zen_decision,
    zen_indexed,
)
from benchmarks.peers.peer import Decide, Peer
from benchmarks.policy import Job, Request, expected, jobs, requests
from benchmarks.row import AHEAD, Row, at_most, compared
from benchmarks.timing import in_turn, over

SIZES = (10, 100, 1000, 10_000)
OURS = bylaw_decision.PEER
PEERS = (
    simpleeval_indexed.PEER,
    cel_indexed.PEER,
    zen_decision.PEER,
    zen_indexed.PEER,
    casbin_fast.PEER,
    cedarpy_sets.WHOLE,
    cedarpy_sets.PARTED,
    rego_bundle.PEER,
    agent_os_rules.WHOLE,
    agent_os_rules.PARTED,
)
REASONS_US = 5.0


def rows(form: Form) -> Iterator[Row]:
    """Give a row for each size and peer."""
    for size in SIZES:
        yield from rows_of(size, form)


def rows_of(size: int, form: Form) -> Iterator[Row]:
    """Give the rows of one size."""
    every = jobs(size)
    asked = requests(every)
    asking = {OURS.name: checked(OURS, every, asked, form)}
    for peer in PEERS:
        if size <= (peer.largest_whole if form.is_whole else peer.largest):
            asking[peer.name] = checked(peer, every, asked, form)
    calls = {name: over(decide, asked) for name, decide in asking.items()}
    found = in_turn(calls, form)
    ours = found.pop(OURS.name)
    yield compared(
        "decision",
        f"{size:,} rules, with reasons",
        ours=ours,
        target=at_most(REASONS_US, "us"),
    )
    for name, theirs in found.items():
        yield compared(
            "decision",
            f"{size:,} rules, with reasons",
            ours=ours,
            beside=name,
            theirs=theirs,
            target=AHEAD,
        )


def checked(peer: Peer, every: tuple[Job, ...], asked: list[Request], form: Form) -> Decide:
    """Load an engine and compare its verdicts, all of them as far as time goes."""
    decide = peer.load(every)
    until = time.perf_counter() + form.check_s
    for number, request in enumerate(asked):
        wanted = expected(request)
        if not peer.tells_nothing and wanted == "deny":
            wanted = "none"
        said = decide(request)
        assert said == wanted, f"{peer.name} says {said}, not {wanted}: {request}"
        if number >= 30 and time.perf_counter() > until:
            break
    return decide
