"""`bylaw test`: the house's own tests against its snapshot, without a server and a store."""

from collections.abc import Iterable, Iterator

from bylaw.model.snapshot import Snapshot
from bylaw.model.test import Suite
from bylaw.services.testing_call import stage_of
from bylaw.services.testing_case import case_failure
from bylaw.services.testing_flow import flow_failure
from bylaw.services.testing_result import Failure, Score


def run_tests(snapshot: Snapshot, suites: Iterable[Suite], only: str = "") -> Score:
    """Run every case and flow whose name, as `document/name`, contains `only`."""
    results = [result for suite in suites for result in _results(snapshot, suite, only)]
    failures = tuple(result for result in results if result is not None)
    return Score(passed=len(results) - len(failures), failures=failures)


def _results(snapshot: Snapshot, suite: Suite, only: str) -> Iterator[Failure | None]:
    stage = stage_of(snapshot, suite)
    for case in suite.cases:
        if only in f"{suite.name}/{case.name}":
            yield case_failure(stage, case)
    for flow in suite.flows:
        if only in f"{suite.name}/{flow.name}":
            yield flow_failure(stage, flow)
