"""The command line's grammar, made from the tools: an option for each argument."""

import argparse
import os
from pathlib import Path

from bylaw.faces.cli.verb import VERBS, WRITE_CONTEXT, Verb
from bylaw.services.tools import BY_NAME, Argument, Kind

URL = "http://127.0.0.1:8000"
ABOUT = "Workflows and rules for LLM agents: serve a house, and ask a server what may be done."
CODES = "exit codes: 0 done or yes, 1 refused, 2 the command line cannot be read, 3 no server"
HOUSE = "the folder with bylaw.yaml; without it BYLAW_HOUSE, this folder, or the shipped house"
ONLY = "run only what has this in its name: `document/case`, `document/flow`"
DIGEST = "the digest of a snapshot, or its beginning"
LIMIT = "how many (default: 20)"
AT_HOME = frozenset({"serve", "stdio", "check", "test", "init", "audit", "snapshots"})
PAIR = (
    "name=value, again for more; JSON if the value is JSON, else text: `--%s open=true`, "
    "`--%s id='\"42\"'` for the text 42"
)


def parser() -> argparse.ArgumentParser:
    """Return the whole grammar."""
    whole = argparse.ArgumentParser(prog="bylaw", description=ABOUT, epilog=CODES)
    whole.add_argument("--version", action="store_true", help="print the version and leave")
    verbs = whole.add_subparsers(dest="verb", metavar="COMMAND", title="commands")
    for verb in VERBS:
        asking(verbs, verb)
    status = verbs.add_parser("status", help="what the server serves, and its problems")
    reaching(status)
    at_home(verbs)
    return whole


def asking(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", verb: Verb) -> None:
    """Add a verb that asks a tool."""
    tool = BY_NAME[verb.tool]
    one = verbs.add_parser(
        verb.name,
        help=verb.about,
        description=tool.description,
        epilog=f"example: {verb.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    arguments = list(tool.arguments)
    if verb.name == "context":
        known = set(tool.names)
        arguments += [a for a in BY_NAME[WRITE_CONTEXT].arguments if a.name not in known]
    for argument in arguments:
        add(one, argument, first=argument.name == verb.first)
    reaching(one)


def add(one: argparse.ArgumentParser, argument: Argument, *, first: bool) -> None:
    """Add an argument of a tool: the first one as a word, the others as options."""
    if first:
        count = None if argument.required else "?"
        one.add_argument(argument.name, nargs=count, metavar=argument.name, help=escaped(argument))
        return
    flag = f"--{argument.name.replace('_', '-')}"
    if argument.kind is Kind.FLAG:
        one.add_argument(flag, action="store_true", default=None, help=escaped(argument))
        return
    one.add_argument(flag, metavar=meta(argument), help=escaped(argument))
    if argument.kind is Kind.OBJECT:
        single = argument.name.removesuffix("s")
        one.add_argument(
            f"--{single}", action="append", metavar="NAME=VALUE", help=PAIR % (single, single)
        )


def meta(argument: Argument) -> str:
    """Return what stands for the value in the help."""
    if argument.choices:
        return "|".join(argument.choices)
    words = {Kind.OBJECT: "JSON", Kind.ANY: "JSON", Kind.WHOLE: "N", Kind.NUMBER: "N"}
    return words.get(argument.kind, "TEXT")


def escaped(argument: Argument) -> str:
    """Return the help of an argument; argparse reads `%` as its own."""
    return argument.about.replace("%", "%%")


def reaching(one: argparse.ArgumentParser) -> None:
    """Add what every verb that asks a server takes."""
    server = one.add_argument_group("server")
    url = os.environ.get("BYLAW_URL", URL)
    server.add_argument("--url", default=url, help=f"where it is; or BYLAW_URL (default: {URL})")
    server.add_argument("--token", help="who you are; better in BYLAW_TOKEN, which `ps` hides")
    server.add_argument("--json", action="store_true", help="print the answer as it came")


def at_home(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands that need no running server."""
    serve = verbs.add_parser("serve", help="serve a house over MCP and REST")
    serve.add_argument("house", nargs="?", type=Path, help=HOUSE)
    serve.add_argument("--host", help="the address to listen on, before that of bylaw.yaml")
    serve.add_argument("--port", type=int, help="the port, before that of bylaw.yaml")
    stdio = verbs.add_parser("stdio", help="the MCP tools over standard input and output")
    stdio.add_argument("house", nargs="?", type=Path, help=HOUSE)
    check = verbs.add_parser("check", help="load a house and name every mistake in it")
    check.add_argument("house", nargs="?", type=Path, help=HOUSE)
    test = verbs.add_parser("test", help="run the tests of a house, without a server or a store")
    test.add_argument("house", nargs="?", type=Path, help=HOUSE)
    test.add_argument("-k", dest="only", default="", metavar="TEXT", help=ONLY)
    test.add_argument("--json", action="store_true", help="print the result for machines")
    audit = verbs.add_parser("audit", help="prove that nobody changed the audit")
    audit.add_argument("what", choices=["verify"], help="check every seal, name what is unsealed")
    audit.add_argument("house", nargs="?", type=Path, help=HOUSE)
    snapshots(verbs)
    init = verbs.add_parser("init", help="copy the shipped house into a folder of your own")
    init.add_argument("target", nargs="?", type=Path, default=Path(), help="the folder")


def snapshots(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands over recorded snapshots."""
    whole = verbs.add_parser("snapshots", help="list, compare and pin what was live")
    what = whole.add_subparsers(dest="what", metavar="WHAT", required=True)
    listed = what.add_parser("list", help="the recorded snapshots, newest first")
    listed.add_argument("--limit", type=positive, default=20, metavar="N", help=LIMIT)
    diff = what.add_parser("diff", help="which documents differ, and how")
    diff.add_argument("before", metavar="A", help=DIGEST)
    diff.add_argument("after", nargs="?", metavar="B", help="another one; without it what is live")
    pin = what.add_parser("pin", help="keep a snapshot live, whatever the files say")
    pin.add_argument("digest", metavar="DIGEST", help=DIGEST)
    unpin = what.add_parser("unpin", help="let the files count again")
    for one in (pin, unpin):
        one.add_argument(
            "--reason", default="", metavar="TEXT", help="why; status and audit say it"
        )
    for one in (listed, diff):
        one.add_argument("--json", action="store_true", help="print the result for machines")
    for one in (listed, diff, pin, unpin):
        one.add_argument("--house", type=Path, metavar="FOLDER", help=HOUSE)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"`{text}` must be a whole number from 1")
    return number
