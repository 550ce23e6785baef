"""Decisions at 10 to 10,000 rules, beside engines that are given the same policy.

Every engine's verdicts are checked against the expected ones before it is timed. Each is timed
over the same mix of requests: some allowed, some denied, some with no rule that matches.
"""

import time
from collections.abc import Iterator

from benchmarks.form import Form
from benchmarks.house import snapshot_of, text
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
from benchmarks.peers.peer import Decide
from benchmarks.policy import Request, expected, jobs, requests
from benchmarks.row import AHEAD, Row, at_most, compared
from benchmarks.timing import in_turn, over

SIZES = (10, 100, 1000, 10_000)
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
LEAST_CHECKED = 30
PLAIN, REASONS = "plain", "with reasons"
TARGETS = {PLAIN: at_most(2.0, "us"), REASONS: at_most(5.0, "us")}
# The size at which each verdict is timed by itself.
PARTED = 1000


def rows(form: Form) -> Iterator[Row]:
    """Give a row for each size and peer."""
    for size in SIZES:
        yield from rows_of(size, form)


def rows_of(size: int, form: Form) -> Iterator[Row]:
    """Give the rows of one size: those that name the rules beside ours with reasons."""
    every = jobs(size)
    asked = requests(every)
    snapshot = snapshot_of(text(every))
    ours = {PLAIN: bylaw_decision.plain(snapshot), REASONS: bylaw_decision.with_reasons(snapshot)}
    asking = ours | {peer.name: peer.load(every) for peer in PEERS}
    for name, decide in asking.items():
        check(name, decide, asked, form)
    found = in_turn({name: over(decide, asked) for name, decide in asking.items()}, form)
    for name, target in TARGETS.items():
        yield compared("decision", f"{size:,} rules, {name}", ours=found[name], target=target)
    for peer in PEERS:
        beside = REASONS if peer.gives_rules else PLAIN
        yield compared(
            "decision",
            f"{size:,} rules, {beside}",
            ours=found[beside],
            beside=peer.name,
            theirs=found[peer.name],
            target=AHEAD,
        )
    if size == PARTED:
        yield from by_verdict(ours, asked, form)


def by_verdict(ours: dict[str, Decide], asked: list[Request], form: Form) -> Iterator[Row]:
    """Give the rows of each verdict by itself."""
    for verdict in ("allow", "deny", "none"):
        fitting = [request for request in asked if expected(request) == verdict]
        found = in_turn({name: over(decide, fitting) for name, decide in ours.items()}, form)
        for name, target in TARGETS.items():
            what = f"{PARTED:,} rules, {name}: {verdict}"
            yield compared("verdict", what, ours=found[name], target=target)


def check(name: str, decide: Decide, asked: list[Request], form: Form) -> None:
    """Compare an engine's verdicts, all of them as far as time goes."""
    tells_nothing = all(peer.tells_nothing for peer in PEERS if peer.name == name)
    until = time.perf_counter() + form.check_s
    for number, request in enumerate(asked):
        wanted, said = expected(request), decide(request)
        same = said == wanted or (not tells_nothing and said == "none" and wanted == "deny")
        assert same, f"{name} says {said}, not {wanted}: {request}"
        if number >= LEAST_CHECKED and time.perf_counter() > until:
            break
