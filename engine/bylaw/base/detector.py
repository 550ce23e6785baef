"""What secrets look like in a text: one table of named detectors with exact spans.

Every pattern is linear in the length of the text: runs are possessive, and a pattern that
could be entered at each letter of a run also takes the run that turns out harmless.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]

KEY_OWNERS = ("api", "access", "private", "signing", "encryption")
# What the name of a secret contains, in lower case.
NAME_HINTS = (
    *("passw", "passphrase", "pwd", "secret", "token", "credential", "authorization", "cookie"),
    *(f"{owner}{parting}key" for owner in KEY_OWNERS for parting in ("", "_", "-", " ", ".")),
)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
PARTING = re.compile(r"[^a-z0-9]+")
SECRET_PART = re.compile(
    r"(?:password|passwd|passphrase|secret)(?:_|$)"
    r"|(?:^|_)(?:pwd|(?:auth|access|refresh|id|bearer)?token|authorization|credential|cookie"
    rf"|(?:{'|'.join(KEY_OWNERS)})_?key)(?:_|$)"
)
# Names that speak of a secret without holding it: `token_count`, `password_policy`.
HARMLESS_NAME = re.compile(
    r"_(?:age|at|bytes|count|digest|endpoint|expiry|expires|field|file|id|in|kind|length|limit|ms"
    r"|name|names|path|policy|ref|required|s|scope|sha256|size|ttl|type|uri|url|usage|used|version)$"
    r"|^(?:next|page|next_page|continuation|cancel|cancellation)_token$"
)
HOLDERS = frozenset({"api_keys", "cookies", "credentials", "passwords", "secrets", "tokens"})
LONGEST_NAME = 200


def holds_a_secret(name: str) -> bool:
    """Say whether what stands under this name is a secret: `password`, `apiKey`, `CI_TOKEN`."""
    return _is_secret(name[-LONGEST_NAME:])


def holds_secrets(name: str) -> bool:
    """Say whether every text below this name is a secret: `secrets`, `credentials`."""
    return _parts(name[-LONGEST_NAME:]) in HOLDERS


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    parts = _parts(name)
    return SECRET_PART.search(parts) is not None and HARMLESS_NAME.search(parts) is None


@lru_cache(maxsize=4096)
def _parts(name: str) -> str:
    return PARTING.sub("_", HUMP.sub("_", name).lower()).strip("_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One sort of secret. A text without any of the lower-case `hints` holds none of it."""

    name: str
    hints: tuple[str, ...]
    spans: Callable[[str], Iterator[Span]]


def _matching(name: str, hints: tuple[str, ...], *, pattern: str) -> Detector:
    """Return the detector of a pattern; where it has a group `secret`, that alone is masked."""
    compiled = re.compile(pattern)
    group = "secret" if "secret" in compiled.groupindex else 0

    def spans(text: str) -> Iterator[Span]:
        for found in compiled.finditer(text):
            if found.start(group) >= 0:
                yield found.span(group)

    return Detector(name=name, hints=hints, spans=spans)


ASSIGNED_NAME = re.compile(r"(?<![\w.-])[\w.-]++(?=\\*[\"']?[ \t]{0,4}[=:])")
# References (`$NAME`, `${…}`, `<name>`), stars and the words for nothing are no values.
VALUE_AHEAD = r"(?!\$[A-Z{(]|(?:None|null|[Tt]rue|[Ff]alse)\b|<|\*{3})"
# `NAME=value`; `NAME="a value"` and `"name": "value"` (JSON in a text, escaped or not); a line
# that ends `name: value`.
ASSIGNED_VALUE = re.compile(
    rf"[ \t]{{0,4}}=(?!=)[ \t]{{0,4}}{VALUE_AHEAD}"
    r"(?P<bare>(?:[^\s\"'`&;]|&(?![\w.-]{1,40}=)|;(?=\S)(?![\w.-]{1,40}=))++)"
    r"|\\*[\"']?[ \t]{0,4}[=:]\s{0,8}(?P<quote>\\*[\"'])"
    r"(?P<quoted>(?:[^\\\"'\n]|\\++(?![\"'])|(?!(?P=quote))\\*+[\"'])++)"
    rf"|:[ \t]{{1,8}}{VALUE_AHEAD}(?P<line>[^\s\"'`]++)(?=[ \t]{{0,8}}(?:[\r\n]|\Z))"
)
OPTION = re.compile(
    r"(?<!\S)--?(?P<name>[A-Za-z][\w-]*+)[ \t]{1,8}"
    r"(?P<secret>\"[^\"\n]++\"|'[^'\n]++'|[^\s\"'`-][^\s\"'`]*+)"
)


def _assigned(text: str) -> Iterator[Span]:
    """Yield the values given to secret-like names; a value is not searched for further names."""
    end = 0
    for name in ASSIGNED_NAME.finditer(text):
        if name.start() < end or not holds_a_secret(name[0]):
            continue
        if value := ASSIGNED_VALUE.match(text, name.end()):
            end = value.end()
            yield value.span(value.lastgroup or 0)


def _options(text: str) -> Iterator[Span]:
    """Yield the values of a command's options: `--password hunter2`."""
    for option in OPTION.finditer(text):
        if holds_a_secret(option["name"]):
            yield option.span("secret")


PEM_KIND = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

DETECTORS = (
    _matching("aws-key", ("akia", "asia"), pattern=r"(?:AKIA|ASIA)[A-Z0-9]{16,}+"),
    _matching(
        "github-token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        pattern=r"gh[pousr]_\w{20,}+(?:\.[\w-]++){0,2}+|github_pat_\w{20,}+",
    ),
    _matching(
        "slack-token",
        ("xox", "xapp-"),
        pattern=r"(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{10,}+",
    ),
    _matching(
        "stripe-key",
        ("k_live_", "k_test_"),
        pattern=r"[rs]k_(?:live|test)_[A-Za-z0-9]{10,}+",
    ),
    _matching(
        "llm-key",
        ("sk-",),
        pattern=r"(?P<secret>(?:(?<![A-Za-z0-9])sk-|sk-(?:ant|proj|svcacct)-)"
        r"(?=[a-z_-]{0,200}+[A-Z0-9])[\w-]{20,}+)"
        r"|sk-[\w-]*+",
    ),
    _matching("google-key", ("aiza",), pattern=r"AIza[\w-]{30,}+"),
    _matching(
        "jwt",
        ("eyj",),
        pattern=r"(?P<secret>eyJ[\w-]{8,}+\.[\w-]++\.[\w-]*+(?:\.[\w-]++){0,2}+)|eyJ[\w-]*+",
    ),
    _matching(
        "private-key",
        ("private key",),
        pattern=rf"-----BEGIN {PEM_KIND}"
        rf"(?:(?:[^-]|-(?!----))*+-----END {PEM_KIND}|[A-Za-z0-9+/=\s\\]*+)",
    ),
    _matching(
        "basic-auth",
        ("://",),
        pattern=r"://[^\s/@:?#\"'<>]*+:(?P<secret>[^\s/?#\"'<>]+)@",
    ),
    _matching(
        "bearer",
        ("bearer",),
        pattern=r"(?i:bearer)\s{1,4}+(?P<secret>"
        r"(?=[A-Za-z._~+/=-]{0,200}+[0-9])[\w.~+/=-]{8,}+|[\w.~+/=-]{24,}+)",
    ),
    _matching(
        "authorization",
        ("authorization",),
        pattern=r"(?i:authorization)\\*[\"']?\s{0,4}+[:=]\s{0,4}+\\*[\"']?"
        r"(?i:basic|bearer|digest|token|apikey)\s{1,4}+(?P<secret>[^\s\"'\\]++)",
    ),
    _matching(
        "cookie",
        ("cookie",),
        pattern=r"(?i:cookie):[ \t]{0,4}+(?P<secret>[\w.-]{1,100}+=[^\r\n\"']*+)",
    ),
    Detector(name="key-value", hints=NAME_HINTS, spans=_assigned),
    Detector(name="option", hints=NAME_HINTS, spans=_options),
)
