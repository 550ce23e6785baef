"""Hosts of addresses, and whether they stand on the list of those that may be called."""

import re
from collections.abc import Iterable

from bylaw.base.glob import name_matches

# Scheme, authority, and what ends it. An authority with `@` hides its host: it is none.
ADDRESS = re.compile(r"https?://(?P<host>\[[0-9a-fA-F:.]+\]|[^/?#@:\\\s]+)(?P<port>:[0-9]{1,5})?")
ENDED = re.compile(r"[/?#]|\Z")


def host_of(url: str) -> str | None:
    """Return the host of an `http` or `https` address with its port if it says one.

    Nothing where it is no such address, or where the host could be read in two ways.
    """
    found = ADDRESS.match(url)
    if found is None or not ENDED.match(url, found.end()):
        return None
    return f"{found['host'].lower()}{found['port'] or ''}"


def may_call(host: str, allowed: Iterable[str]) -> bool:
    """Say whether a host stands on a list of names, `name:port` or `*.acme.example`.

    An entry without a port allows every port.
    """
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return any(name_matches(one, entry.lower()) for entry in allowed for one in (host, name))
