"""What atheris feeds: `python -m tests.soak.targets <name> <seconds> <folder>`.

Each target takes bytes and must end with a value or one of its own exceptions, in time and in
memory; whatever else happens is a finding, and its input is kept in the folder.
"""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bylaw"]):
    from bylaw.base.redaction import Redactor
    from bylaw.expr.condition import compile_condition
    from bylaw.expr.value import compile_value
    from bylaw.faces.rpc import NoMessage, check
    from bylaw.load.document import load_documents
    from bylaw.services.fitting import read_json
    from bylaw.services.frontdoor import open_door
    from bylaw.services.tools import TOOLS
    from tests.expr.expressions import ENV, NAMES, node_of

SEEDS = {
    "yaml": ("kind: policy\nname: p\nrules:\n  - name: r\n    effect: deny\n    when: a == 1\n",),
    "condition": (
        "params.branch in protected and not frozen",
        "any(x.name for x in params.people)",
    ),
    "json": ('{"action": "git.push", "params": {"branch": "main"}}', "[1e999, NaN, -0]"),
    "message": ('{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}',),
    "secret": ("Authorization: Bearer abcdef.ghi", "password=hunter22 AKIAABCDEFGHIJKLMNOP"),
}
LONGEST = 4_096
SLOWEST_S = 10
MOST_MEGABYTES = 1_024
REDACTOR = Redactor(["s3cret-value"], b"salt")


def yaml(data: bytes) -> None:
    """Load a file."""
    loaded = load_documents(data, file="rules/a.yaml")
    for problem in loaded.problems:
        str(problem).encode()


def condition(data: bytes) -> None:
    """Compile a condition and a value, and ask them."""
    text = data.decode("utf-8", "replace")
    asked = compile_condition(node_of(text), NAMES, problems=[])
    if asked is not None:
        asked.test(ENV)
    value = compile_value(node_of(text), NAMES, problems=[])
    if value is not None:
        str(value.fill(ENV)).encode()


def json(data: bytes) -> None:
    """Read a body, and open the door of every tool with it."""
    with contextlib.suppress(ValueError):
        found = read_json(data)
        if isinstance(found, dict):
            for tool in TOOLS:
                open_door(tool, found, lambda _: frozenset({"branch"}))


def message(data: bytes) -> None:
    """Check a JSON-RPC message."""
    with contextlib.suppress(NoMessage):
        check(data)


def secret(data: bytes) -> None:
    """Redact a text, and once more: nothing changes the second time."""
    once = REDACTOR.value({"text": data.decode("utf-8", "replace")})
    assert REDACTOR.value(once) == once


TARGETS: dict[str, Callable[[bytes], None]] = {
    "yaml": yaml,
    "condition": condition,
    "json": json,
    "message": message,
    "secret": secret,
}


def main(name: str, seconds: str, folder: str) -> None:
    """Feed a target until its time is over; atheris ends the process."""
    corpus = Path(folder) / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_text(seed)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOWEST_S}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
        "-verbosity=0",
        str(corpus),
    )
    atheris.Setup([name, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
