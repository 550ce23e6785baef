"""What headers and addresses say; pure."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit


@lru_cache(maxsize=1024)
def host_name(host: str) -> str:
    """Return the name in a Host header, without the port and the brackets of an address."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def is_origin(origin: str, host: str) -> bool:
    """Say whether an Origin is the server itself, as the Host header names it."""
    return origin.lower() in (f"http://{host}", f"https://{host}")


def is_address(name: str) -> bool:
    """Say whether a name is an address, which no foreign page can point at us."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def bearer(header: str) -> str | None:
    """Return the token of an Authorization header, or nothing if it holds none."""
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Sent:
    """The headers of a request, read once: the names are lower-case, as ASGI has them."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        """Read them."""
        self._values: dict[str, list[str]] = {}
        for name, value in raw:
            self._values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))

    def __contains__(self, name: str) -> bool:
        """Say whether one of this name was sent."""
        return name in self._values

    def every(self, name: str) -> list[str]:
        """Return all that were sent under a name."""
        return self._values.get(name, [])

    def first(self, name: str, default: str = "") -> str:
        """Return the first that was sent under a name."""
        return next(iter(self.every(name)), default)
