"""Redaction: secrets in texts and records become `[REDACTED:type:hash8]`.

The hash is keyed, so that the same secret is the same marker everywhere in one installation
and nobody can try guesses against it. Markers are never looked into: redacting twice changes
nothing. Nothing here stores, logs or raises.
"""

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bylaw.base.detector import DETECTORS, KEY_OWNERS, holds_a_secret, holds_secrets
from bylaw.base.plain import Plain

KNOWN = "known-values"
FIELD = "field"
SHORTEST_KNOWN = 6
# What a clean record is told by: a word, and with it one of these. Every hint of a detector
# contains a word and one of its companions.
SIGNS = {
    "key": KEY_OWNERS,
    "gh": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    **dict.fromkeys(("akia", "asia", "aiza", "pat_", "xox", "xapp", "sk-", "eyj", "://"), ("",)),
    **dict.fromkeys(("k_live_", "k_test_", "bearer", "authorization", "cookie"), ("",)),
    **dict.fromkeys(("passw", "passphrase", "pwd", "secret", "token", "credential"), ("",)),
}
TYPES = (KNOWN, FIELD, *(detector.name for detector in DETECTORS))
MARKER = re.compile(rf"\[REDACTED:(?:{'|'.join(TYPES)}):[0-9a-f]{{8}}\]")
# Stands for each letter of a marker while a text is searched. It is no letter, digit or space.
VEIL = "\ue000"
# Writes a value out to be searched: as it stands, but for what JSON escapes.
ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)
URL_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A stretch of a text to mask. `secret` is what the marker's hash is made of."""

    start: int
    end: int
    type: str
    secret: str


class Redactor:
    """Masks secrets: what the detectors find, the known values, and fields named like secrets.

    `known` are values of the configuration, such as tokens; those of fewer than six
    characters are ignored. `salt` keys the hashes: keep it secret, and the same across
    restarts.
    """

    def __init__(self, known: Iterable[str], salt: bytes) -> None:
        """Prepare the spellings of the known values: as they are, and escaped for JSON or URLs."""
        self._origins: dict[str, str] = {}
        # The spellings as they may stand in a text, and in one that was written out as JSON.
        self._sought: tuple[str, ...] = ()
        self._salt = salt
        self.learn(known)

    def learn(self, known: Iterable[str]) -> None:
        """Mask these values too from now on."""
        plain = {value for value in known if len(value) >= SHORTEST_KNOWN}
        more = {spelling: value for value in plain for spelling in _spellings(value)}
        self._origins = {**self._origins, **more}
        self._sought = tuple({*self._origins, *map(_in_json, self._origins)})

    def text(self, text: str) -> str:
        """Return the text with every secret masked, or the same text if there is none."""
        while hits := self._hits(text):
            text = self._masked(text, hits)
        return text

    def value(self, plain: Plain) -> Plain:
        """Return the value with every secret in its texts and keys masked, in the same shape.

        Nothing is copied if nothing was found. A number becomes a text only where it is a
        known value or stands under a name like `password`.
        """
        if not self._is_suspect(_written(plain)):
            return plain
        redacted = self._walk(plain, held=False)
        return plain if redacted == plain else redacted

    def _is_suspect(self, text: str) -> bool:
        """Say, quickly, whether there is reason to look closer."""
        lowered = text.lower()
        for word, companions in SIGNS.items():
            if word in lowered and any(companion in lowered for companion in companions):
                return True
        return any(map(text.__contains__, self._sought))

    def _walk(self, plain: Plain, *, held: bool) -> Plain:
        """Redact a value; `held`: it stands somewhere below a name like `secrets`."""
        if isinstance(plain, str):
            return self._field(plain) if held else self.text(plain)
        if isinstance(plain, Mapping):
            return {self._key(key): self._entry(key, plain[key], held=held) for key in plain}
        if isinstance(plain, list):
            return [self._walk(item, held=held) for item in plain]
        if isinstance(plain, tuple):
            return tuple(self._walk(item, held=held) for item in plain)
        return self._number(plain) if _is_number(plain) else plain

    def _key(self, key: Plain) -> Plain:
        return self.text(key) if isinstance(key, str) else key

    def _entry(self, key: Plain, value: Plain, *, held: bool) -> Plain:
        name = str(key)
        if not holds_a_secret(name):
            return self._walk(value, held=held or holds_secrets(name))
        if _is_number(value):
            return self._field(str(value))
        # A mapping below `token` describes one more often than it holds one.
        return self._walk(value, held=held or not isinstance(value, Mapping))

    def _number(self, number: float) -> Plain:
        text = str(number)
        return self.text(text) if text in self._origins else number

    def _field(self, text: str) -> str:
        """Mask a whole text, unless it is empty or masked already."""
        if not text or MARKER.fullmatch(text):
            return text
        return self._marker(FIELD, text)

    def _marker(self, sort: str, secret: str) -> str:
        plain = secret.encode("utf-8", "surrogatepass")
        return f"[REDACTED:{sort}:{hmac.new(self._salt, plain, 'sha256').hexdigest()[:8]}]"

    def _hits(self, text: str) -> tuple[Hit, ...]:
        """Return what to mask, in order and without overlaps."""
        if not self._is_suspect(text):
            return ()
        veiled = MARKER.sub(lambda marker: VEIL * len(marker[0]), text)
        found = [*self._known(veiled), *_detected(veiled)]
        merged = _merged(sorted(found, key=lambda hit: (hit.start, -hit.end)), text)
        return tuple(hit for hit in merged if veiled[hit.start : hit.end].strip(VEIL))

    def _known(self, text: str) -> Iterator[Hit]:
        for spelling, secret in self._origins.items():
            start = text.find(spelling)
            while start >= 0:
                end = start + len(spelling)
                yield Hit(start=start, end=end, type=KNOWN, secret=secret)
                start = text.find(spelling, end)

    def _masked(self, text: str, hits: tuple[Hit, ...]) -> str:
        parts, end = [], 0
        for hit in hits:
            parts += [text[end : hit.start], self._marker(hit.type, hit.secret)]
            end = hit.end
        return "".join([*parts, text[end:]])


def _detected(text: str) -> Iterator[Hit]:
    lowered = text.lower()
    for detector in DETECTORS:
        if not any(hint in lowered for hint in detector.hints):
            continue
        for start, end in detector.spans(text):
            yield Hit(start=start, end=end, type=detector.name, secret=text[start:end])


def _merged(hits: Iterable[Hit], text: str) -> list[Hit]:
    """Join hits that overlap, so that no end of a secret is left over; the longest names it."""
    merged: list[Hit] = []
    for hit in hits:
        if not merged or hit.start >= merged[-1].end:
            merged.append(hit)
        elif hit.end > merged[-1].end:
            merged[-1] = _joined(merged[-1], hit, text)
    return merged


def _joined(first: Hit, second: Hit, text: str) -> Hit:
    longest = max(first, second, key=lambda hit: hit.end - hit.start)
    secret = text[first.start : second.end]
    return Hit(start=first.start, end=second.end, type=longest.type, secret=secret)


def _written(plain: Plain) -> str:
    """Return a text in which everything stands that a value holds, to be searched in one go."""
    try:
        return ENCODER.encode(plain)
    except (TypeError, ValueError, RecursionError):
        # No JSON: it is walked through, however deep it is and whatever it holds.
        return "\n".join(_texts(plain))


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _texts(plain: Plain) -> list[str]:
    """Return every text in a value, keys and whole numbers too, in no particular order."""
    texts: list[str] = []
    rest = [plain]
    for value in rest:
        kind = type(value)
        if kind is str:
            texts.append(value)
        elif kind is dict or isinstance(value, Mapping):
            texts += [key for key in value if type(key) is str]
            rest += [key for key in value if type(key) is not str]
            rest += value.values()
        elif isinstance(value, list | tuple):
            rest += value
        elif isinstance(value, str | int | float):
            texts.append(str(value))
    return texts


def _is_number(value: Plain) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spellings(value: str) -> set[str]:
    """Return the known value as it may stand in a text, in JSON, or in a URL."""
    plain = value.encode("utf-8", "surrogatepass")
    quoted = "".join(chr(byte) if byte in URL_SAFE else f"%{byte:02X}" for byte in plain)
    escaped = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    return {value, quoted, *escaped}
