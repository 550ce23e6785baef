"""Who comes with a token, by the live snapshot."""

import hashlib
import hmac

from bylaw.model.actor import Actor
from bylaw.services.snapshots import Snapshots


class Identities:
    """Finds actors by their tokens; the list is that of the live snapshot."""

    def __init__(self, snapshots: Snapshots) -> None:
        """Read `actors` from here."""
        self._snapshots = snapshots

    def __call__(self, token: str | None, *, loopback: bool) -> Actor | None:
        """Return the actor of a token; without one, `local` on loopback, else nobody.

        An unknown token is nobody everywhere: whoever sends one does not mean to be `local`.
        """
        server = self._snapshots.live.server
        if token is None:
            return server.local if loopback else None
        sent = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        found: Actor | None = None
        for known in server.actors.values():
            # Every entry is compared, in constant time, so that time tells nothing.
            if hmac.compare_digest(sent, known.token_sha256 or ""):
                found = known.actor
        return found
