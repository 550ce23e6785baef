import json
from collections.abc import Iterator

from bylaw.base.plain import Plain
from bylaw.services.answer import ERRORS
from bylaw.services.tools import BY_NAME
from tests.content.houses import snapshot
from tests.docs.pages import blocks


def answers() -> list[dict[str, Plain]]:
    found = [json.loads(block.body) for block in blocks("json")]
    return [one for one in found if "ok" in one]


def reasons() -> Iterator[tuple[str, str]]:
    for one in answers():
        for reason in one.get("because", ()):
            yield reason["rule"], reason["at"]


def test_answers_on_the_pages_name_errors_of_the_list() -> None:
    refused = {one["error"] for one in answers() if not one["ok"]}
    assert refused
    assert refused <= set(ERRORS)


def test_reasons_on_the_pages_stand_where_they_say() -> None:
    said = dict(reasons())
    assert said
    assert said == {rule: snapshot().origins[rule].short for rule in said}


def test_calls_on_the_pages_are_calls_of_tools() -> None:
    calls = [call for one in answers() for call in one.get("next", ()) if "tool" in call]
    assert calls
    assert all(set(call["arguments"]) <= set(BY_NAME[call["tool"]].names) for call in calls)
