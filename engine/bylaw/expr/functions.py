"""The closed list of functions: every one total, bounded and deterministic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bylaw.base.plain import Plain
from bylaw.expr import collection, moment, number, text
from bylaw.expr.kind import Kind

Run = Callable[..., Plain]
LATER_FUNCTIONS = frozenset({"happened", "count", "runs", "secrets_in", "visited"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function as an author sees it, and what it does.

    `takes` are its arguments, `given` the ones that may be left out with what then counts.
    `many` says that any number of arguments may be given. `bind` makes a faster `run` where the
    last argument is a constant, and finds mistakes in it; `constant` says that it must be one.
    A function without `run` is a form of its own, which `check` reads.
    """

    name: str
    takes: tuple[str, ...]
    given: Mapping[str, Plain]
    many: bool
    gives: Kind
    doc: str
    example: str
    run: Run | None
    bind: Callable[[Plain], Run] | None
    constant: bool

    @property
    def signature(self) -> str:
        """Return it as `hour(moment, zone="UTC")`."""
        said = [
            f"{name}={text.quoted(self.given[name])}" if name in self.given else name
            for name in self.takes
        ]
        return f"{self.name}({', '.join([*said, '…'] if self.many else said)})"


def _function(line: str, run: Run | None, *, gives: Kind, example: str, **more: Any) -> Function:
    """Make a function from `name argument argument=…: what it does`."""
    head, _, doc = line.partition(": ")
    name, *takes = head.split()
    return Function(
        name=name,
        takes=tuple(takes),
        given=more.get("given", {}),
        many=more.get("many", False),
        gives=gives,
        doc=doc,
        example=example,
        run=run,
        bind=more.get("bind"),
        constant=more.get("constant", False),
    )


BOOLEAN, NUMBER, TEXT, LIST = Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.LIST
ZONE = {"zone": "UTC"}

_LISTED = (
    _function(
        "has path: whether every step of the path is there; null counts as there",
        None,
        gives=BOOLEAN,
        example="has(params.ticket)",
    ),
    _function(
        "in_state id: whether the instance is in this state, or below it",
        None,
        gives=BOOLEAN,
        example='in_state("merging")',
    ),
    _function(
        "any list: whether one is true; of a list, or `… for x in list if …`",
        collection.any_of,
        gives=BOOLEAN,
        example='any(glob(f, "src/**") for f in params.files)',
    ),
    _function(
        "all list: whether all are true; of a list, or `… for x in list if …`",
        collection.all_of,
        gives=BOOLEAN,
        example="all(len(f) < 80 for f in params.files)",
    ),
    _function(
        "len value: how many characters, items or fields it has",
        collection.length,
        gives=NUMBER,
        example="len(params.summary) >= 10",
    ),
    _function(
        "contains where what: whether a text, list or record has this text, item or field",
        collection.contains,
        gives=BOOLEAN,
        example='contains(params.labels, "urgent")',
    ),
    _function(
        "lower text: the text in lower case",
        text.lower,
        gives=TEXT,
        example='lower(params.branch) == "main"',
    ),
    _function(
        "upper text: the text in upper case",
        text.upper,
        gives=TEXT,
        example='upper(params.code) == "EU"',
    ),
    _function(
        "trim text: the text without white space around it",
        text.trim,
        gives=TEXT,
        example='trim(params.comment) != ""',
    ),
    _function(
        "starts_with text start: whether the text begins so",
        text.starts_with,
        gives=BOOLEAN,
        example='starts_with(params.branch, "agent/")',
    ),
    _function(
        "ends_with text end: whether the text ends so",
        text.ends_with,
        gives=BOOLEAN,
        example='ends_with(params.path, ".pem")',
    ),
    _function(
        "matches text regex: whether the regular expression (RE2, a constant) is found in it",
        text.matches,
        gives=BOOLEAN,
        example='matches(params.title, r"^(fix|feat): ")',
        bind=text.regex_test,
        constant=True,
    ),
    _function(
        "glob path pattern: whether the path fits the glob",
        text.glob,
        gives=BOOLEAN,
        example='glob(params.path, "src/**")',
        bind=text.one_glob_test,
    ),
    _function(
        "glob_any path patterns: whether the path fits one of the globs",
        text.glob_any,
        gives=BOOLEAN,
        example='glob_any(params.branch, ["main", "release/*"])',
        bind=text.glob_test,
    ),
    _function(
        "split text separator: the parts of the text between the separators",
        text.split,
        gives=LIST,
        example='split(params.repo, "/")[0] == "acme"',
    ),
    _function(
        "join list separator: the items as one text",
        text.join,
        gives=TEXT,
        example="join(approved_by)",
        given={"separator": ", "},
    ),
    _function(
        "text value: the value as it stands in a text",
        text.text_of,
        gives=TEXT,
        example='text(params.id) == "7"',
    ),
    _function(
        "quote value: the value as one word of a shell's command line",
        text.quote,
        gives=TEXT,
        example="quote(params.path)",
    ),
    _function(
        "append list item: the list with one more item",
        collection.append,
        gives=LIST,
        example="append(approved_by, actor.id)",
    ),
    _function(
        "remove list item: the list without this item",
        collection.remove,
        gives=LIST,
        example="remove(approved_by, actor.id)",
    ),
    _function(
        "unique list: the list with each item once",
        collection.unique,
        gives=LIST,
        example="len(unique(params.files)) > 10",
    ),
    _function(
        "merge first second: the fields of both records; the second wins",
        collection.merge,
        gives=Kind.RECORD,
        example='merge(labels, {"team": "web"})',
    ),
    _function(
        "min value: the least of the arguments, or of one list",
        number.least,
        gives=Kind.ANY,
        example="min(params.count, 10)",
        many=True,
    ),
    _function(
        "max value: the greatest of the arguments, or of one list",
        number.greatest,
        gives=Kind.ANY,
        example="max(params.sizes)",
        many=True,
    ),
    _function(
        "sum list: the sum of a list of numbers",
        number.total,
        gives=NUMBER,
        example="sum(params.sizes) <= 1000",
    ),
    _function(
        "abs number: the number without its sign",
        number.absolute,
        gives=NUMBER,
        example="abs(params.change) > 5",
    ),
    _function(
        "round number digits: the number with so many decimal places",
        number.rounded,
        gives=NUMBER,
        example="round(params.share, 2)",
        given={"digits": 0},
    ),
    _function(
        "number text: the number that a text says",
        number.to_number,
        gives=NUMBER,
        example="number(params.share) > 0.5",
    ),
    _function(
        "int value: the whole number of a number or text",
        number.to_int,
        gives=NUMBER,
        example="int(params.port) < 1024",
    ),
    _function(
        "timestamp text: the moment that a text says; UTC where it names no zone",
        moment.moment,
        gives=Kind.MOMENT,
        example='now > timestamp("2027-01-31")',
    ),
    _function(
        "duration text: the seconds of a duration",
        moment.duration,
        gives=NUMBER,
        example='now - timestamp(opened_at) > duration("3d")',
    ),
    _function(
        "seconds_between first second: the seconds from one moment to another",
        moment.seconds_between,
        gives=NUMBER,
        example="seconds_between(opened_at, now) > 3600",
    ),
    _function(
        "hour moment zone: the hour of the day there, 0 to 23",
        moment.asked(moment.hour_in),
        gives=NUMBER,
        example='9 <= hour(now, "Europe/Berlin") < 16',
        given=ZONE,
        bind=moment.hour_in,
    ),
    _function(
        "minute moment zone: the minute of the hour there",
        moment.asked(moment.minute_in),
        gives=NUMBER,
        example="minute(now) < 30",
        given=ZONE,
        bind=moment.minute_in,
    ),
    _function(
        "day moment zone: the day of the month there, 1 to 31",
        moment.asked(moment.day_in),
        gives=NUMBER,
        example="day(now) <= 7",
        given=ZONE,
        bind=moment.day_in,
    ),
    _function(
        "weekday moment zone: the day of the week there, 1 (Monday) to 7",
        moment.asked(moment.weekday_in),
        gives=NUMBER,
        example='weekday(now, "Europe/Berlin") <= 5',
        given=ZONE,
        bind=moment.weekday_in,
    ),
    _function(
        "date moment zone: the date there as a text",
        moment.asked(moment.date_in),
        gives=TEXT,
        example='date(now) == "2026-12-24"',
        given=ZONE,
        bind=moment.date_in,
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({one.name: one for one in _LISTED})

# Other spellings that are taken for the same function.
ALIASES: Mapping[str, str] = MappingProxyType(
    {"startswith": "starts_with", "endswith": "ends_with"}
)
