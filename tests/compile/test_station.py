"""Where a broken house listens and keeps its state, as far as its `bylaw.yaml` can be read."""

import pytest

from bylaw.compile.server import find_station
from bylaw.load.house import SourceFile
from bylaw.model.server import Station

DEFAULTS = Station(
    host="127.0.0.1", port=8000, store_url="sqlite:///.bylaw/bylaw.db", debounce_ms=50
)
SAID = Station(host="::1", port=9, store_url="sqlite:///x.db", debounce_ms=300)
BEFORE = (
    "kind: server\nlisten: {host: '::1', port: 9}\n"
    "store: {url: 'sqlite:///${X}.db'}\nreload: {debounce: 300ms}\n"
)


def station(text: str) -> Station:
    files = [
        SourceFile(path="a.yaml", content=b"kind: policy\n", digest="d1"),
        SourceFile(path="bylaw.yaml", content=text.encode(), digest="d2"),
    ]
    return find_station(files, {"X": "x"})


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("kind: server\n", DEFAULTS),
        (BEFORE, SAID),
        (f"{BEFORE}nam: x\nactors: [1]\n", SAID),
        (f"{BEFORE}vars: {{\n", SAID),
        (f"vars: {{\n{BEFORE}# nothing\n\nname: s\n", SAID),
        ("kind: server\nvars: {\n", Station()),
        ("kind: server\nvars: {\nlisten:\n  port: 9\n", Station(port=9)),
        ("kind: server\nlisten: 3\nstore: [x]\n", DEFAULTS),
        (
            "kind: server\nlisten: {port: many}\nstore: {url: 3}\n",
            Station(host="127.0.0.1", debounce_ms=50),
        ),
        ("kind: policy\n", Station()),
        ("\x00", Station()),
    ],
)
def test_station_is_what_can_be_read(text: str, want: Station) -> None:
    assert station(text) == want


def test_store_whose_variable_is_not_set_is_not_the_usual_one() -> None:
    found = station("kind: server\nstore: {url: '${NOT_SET}'}\n")

    assert found.store_url == ""
