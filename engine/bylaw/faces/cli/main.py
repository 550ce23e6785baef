"""The command line: reads it, asks a server or works on a house, and says how it went.

What a command needs is imported when it runs, so that `--help` is there at once.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from bylaw.faces.cli.argument import Usage, arguments_of
from bylaw.faces.cli.code import Exit
from bylaw.faces.cli.loading import loading
from bylaw.faces.cli.parser import AT_HOME, parser
from bylaw.faces.cli.verb import BY_NAME, WRITE_CONTEXT
from bylaw.services import tools
from bylaw.services.answer import Answer
from bylaw.services.fitting import is_unicode


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    grammar = parser()
    try:
        chosen = grammar.parse_args(spoken(sys.argv[1:] if argv is None else argv, grammar))
    except SystemExit as end:
        # argparse has said what is wrong, or printed the help.
        return int(end.code or 0)
    if chosen.version:
        return version()
    if chosen.verb is None:
        grammar.print_help()
        return Exit.USAGE
    try:
        return run(chosen)
    except Usage as problem:
        print(f"bylaw {chosen.verb}: {problem}", file=sys.stderr)
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def spoken(words: Sequence[str], grammar: argparse.ArgumentParser) -> Sequence[str]:
    """Return the words of a line, unless one can neither be sent nor be shown."""
    if not all(is_unicode(word) for word in words):
        grammar.error("the line has bytes in it that are not UTF-8")
    return words


def run(chosen: argparse.Namespace) -> int:
    """Run the command that was chosen."""
    if chosen.verb not in AT_HOME:
        return asked(chosen)
    with loading():
        from bylaw.faces.cli.home import at_home  # noqa: PLC0415 - loads the whole engine

    return at_home(chosen)


def version() -> int:
    """Print the version."""
    from importlib.metadata import version as installed  # noqa: PLC0415 - costs 30 ms

    print(f"bylaw {installed('bylaw')}")
    return Exit.OK


def asked(chosen: argparse.Namespace) -> int:
    """Ask the server, print its answer, and say by the exit code what it was."""
    from bylaw.faces.cli.client import NoServer, ask  # noqa: PLC0415 - costs 30 ms

    method, path, arguments = call_of(chosen)
    token = chosen.token or os.environ.get("BYLAW_TOKEN")
    try:
        answer = ask(chosen.url, method, path, token=token, arguments=arguments)
    except NoServer as problem:
        print(f"bylaw: {problem}\nStart one with `bylaw serve`.", file=sys.stderr)
        return Exit.NO_SERVER
    tell(answer, as_json=chosen.json)
    return Exit.OK if agrees(answer) else Exit.REFUSED


def agrees(answer: Answer) -> bool:
    """Say whether a script may go on: `enforce` answers well also where it says no."""
    return bool(answer["ok"]) and answer.get("allowed") is not False


def call_of(chosen: argparse.Namespace) -> tuple[str, str, Mapping[str, object]]:
    """Return the method, path and arguments of what is asked."""
    if chosen.verb == "status":
        return "GET", "/enforcement/status", {}
    verb = BY_NAME[chosen.verb]
    if verb.name == "context" and chosen.value is not None:
        return written(chosen)
    if verb.name == "context" and (chosen.mode or chosen.expected_version):
        raise Usage("`--mode` and `--expected-version` are for writing: give `--value` too")
    return verb.method, verb.path, arguments_of(chosen, tools.BY_NAME[verb.tool])


def written(chosen: argparse.Namespace) -> tuple[str, str, Mapping[str, object]]:
    """Return the call that writes a record."""
    from bylaw.faces.cli.client import in_path  # noqa: PLC0415 - costs 30 ms

    if chosen.key is None:
        raise Usage("which record? write `bylaw context tasks/42 --value …`")
    if chosen.query or chosen.cursor:
        raise Usage("`--query` and `--cursor` are for reading: leave `--value` out")
    arguments = arguments_of(chosen, tools.BY_NAME[WRITE_CONTEXT])
    return "POST", f"/context/{in_path(arguments.pop('key'))}", arguments


def tell(answer: Answer, *, as_json: bool) -> None:
    """Print an answer; what a person reads of a refusal goes where errors go."""
    if as_json:
        import json  # noqa: PLC0415 - rarely needed

        print(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    from bylaw.faces.cli.show import shown  # noqa: PLC0415 - rarely needed

    print(shown(answer), file=sys.stdout if answer["ok"] else sys.stderr)
