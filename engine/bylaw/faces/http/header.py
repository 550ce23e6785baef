"""What headers and addresses say; pure."""

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
