"""`get_context_data` and `update_context`: the shared records of a team."""

from collections.abc import Mapping

from bylaw.base.errors import Conflict
from bylaw.base.plain import Plain
from bylaw.model.action import Action
from bylaw.model.record import ContextRecord
from bylaw.services.answer import Answer, Refusal, answer, call_of, refusal
from bylaw.services.asking import Asking
from bylaw.services.catalogue import checked_params
from bylaw.services.deciding import Entry, Verdict, judged, refused_by, warnings
from bylaw.services.house import House
from bylaw.services.keys import keep, kept_answer, unless_kept
from bylaw.services.moment import iso
from bylaw.services.resource import decided, no_record
from bylaw.store.store import Transaction

PAGE = 50
READ, WRITE = "context.read", "context.write"
# A lost race is decided again on the new record, so often.
ATTEMPTS = 5


class GetContextData:
    """Reads records that the caller's modes grant with `context.read`."""

    def __init__(self, house: House) -> None:
        """Read from the house's store."""
        self._house = house

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `get_context_data`."""
        key, query = arguments.get("key"), arguments.get("query")
        async with self._house.store.read() as tx:
            if key is None and query is None:
                return await self._collections(tx, asking)
            record = await tx.context.get(asking.caller.scope, key) if key is not None else None
            if record is not None and readable(asking, record.key):
                return self._told(asking, record)
            return await self._listed(tx, asking, arguments)

    def _told(self, asking: Asking, record: ContextRecord) -> Answer | Refusal:
        verdict = read_verdict(asking, record, id=self._house.new_id("dec"))
        denied = refused_by(asking, verdict)
        if denied is not None:
            params = {"key": record.key}
            entry = Entry(
                verdict=verdict, tool="get_context_data", params=params, outcome="refused"
            )
            self._house.journal.note(asking, entry)
            return denied
        return answer(
            f"`{record.key}`, version {record.version}.",
            **told(record),
            warnings=warnings(verdict.decision),
        )

    async def _collections(self, tx: Transaction, asking: Asking) -> Answer:
        found = await tx.context.collections(asking.caller.scope)
        names = [one for one in found if readable(asking, f"{one.name}/x")]
        return answer(
            f"Collections: {len(names)}." if names else "There are no shared records yet.",
            collections=[{"collection": one.name, "records": one.count} for one in names],
        )

    async def _listed(
        self, tx: Transaction, asking: Asking, arguments: Mapping[str, Plain]
    ) -> Answer | Refusal:
        prefix = arguments.get("key", "")
        records = await self._readable(tx, asking, arguments)
        if not records and prefix:
            look = call_of("get_context_data", "See the collections.")
            return refusal("unknown", f"There is no record `{prefix}`.", next=[look])
        page = records[:PAGE]
        return answer(
            f"Records: {len(page)}.",
            records=[told(record) for record in page],
            cursor=page[-1].key if len(records) >= PAGE else None,
        )

    async def _readable(
        self, tx: Transaction, asking: Asking, arguments: Mapping[str, Plain]
    ) -> list[ContextRecord]:
        """Return a page or more of what may be read, so that the cursor names no other record."""
        after, records = arguments.get("cursor", ""), list[ContextRecord]()
        while len(records) < PAGE:
            found = await _found(tx, asking, arguments, after=after)
            records += [record for record in found if _may_read(asking, record)]
            if len(found) < PAGE:
                break
            after = found[-1].key
        return records


async def _found(
    tx: Transaction, asking: Asking, arguments: Mapping[str, Plain], *, after: str
) -> tuple[ContextRecord, ...]:
    scope, prefix = asking.caller.scope, arguments.get("key", "")
    query = arguments.get("query")
    if query:
        return await tx.context.search(scope, query, prefix=prefix, after=after, limit=PAGE)
    return await tx.context.page(scope, prefix=prefix, after=after, limit=PAGE)


def _may_read(asking: Asking, record: ContextRecord) -> bool:
    return readable(asking, record.key) and read_verdict(asking, record, id="").decision.allowed


class UpdateContext:
    """Writes records; `context.write` is granted and decided on like every action."""

    def __init__(self, house: House) -> None:
        """Write to the house's store."""
        self._house = house

    async def __call__(self, asking: Asking, arguments: Mapping[str, Plain]) -> Answer | Refusal:
        """Answer `update_context`."""
        action = asking.snapshot.actions[WRITE]
        if not asking.granted(action, arguments["key"]):
            return no_record(asking, action, arguments["key"])
        sent = {name: arguments[name] for name in ("key", "value", "mode") if name in arguments}
        params = checked_params(action, sent)
        if isinstance(params, Refusal):
            return params
        for _ in range(ATTEMPTS):
            try:
                async with self._house.store.write() as tx:
                    return await self._in_transaction(tx, asking, action, params, arguments)
            except Conflict:
                continue
        return _stale(params["key"])

    async def _in_transaction(
        self,
        tx: Transaction,
        asking: Asking,
        action: Action,
        params: dict[str, Plain],
        arguments: Mapping[str, Plain],
    ) -> Answer | Refusal:
        kept = await kept_answer(tx, asking, "update_context", arguments)
        if kept is not None:
            return kept
        found = await self._decided(tx, asking, action, params, arguments)
        return await unless_kept(tx, asking, "update_context", arguments, found)

    async def _decided(
        self,
        tx: Transaction,
        asking: Asking,
        action: Action,
        params: dict[str, Plain],
        arguments: Mapping[str, Plain],
    ) -> Answer | Refusal:
        verdict = await decided(tx, asking, action, params, id=self._house.new_id("dec"))
        written: ContextRecord | Refusal | None = refused_by(asking, verdict)
        if written is None:
            written = await self._write(tx, asking, verdict.decision.params, arguments)
        refused = isinstance(written, Refusal)
        entry = Entry(
            verdict=verdict,
            tool="update_context",
            params=params,
            outcome="refused" if refused else "done",
        )
        await tx.audit.append([self._house.journal.record(asking, entry)])
        if isinstance(written, Refusal):
            return written
        done = answer(
            f"Written: `{written.key}`, version {written.version}.",
            **told(written),
            warnings=warnings(verdict.decision),
            decision=verdict.id,
        )
        await keep(tx, asking, "update_context", arguments, done)
        return done

    async def _write(
        self,
        tx: Transaction,
        asking: Asking,
        params: Mapping[str, Plain],
        arguments: Mapping[str, Plain],
    ) -> ContextRecord | Refusal:
        scope, key = asking.caller.scope, params["key"]
        old = await tx.context.get(scope, key)
        version = old.version if old is not None else 0
        expected = arguments.get("expected_version", version)
        if expected != version:
            return _stale(key, version)
        value = combined(old, params)
        if isinstance(value, Refusal):
            return value
        written = await tx.context.put(
            scope,
            key,
            value=value,
            by=asking.caller.actor.id,
            at=asking.now,
            expected_version=version,
        )
        if written is None:
            raise Conflict(f"`{key}` was changed by somebody else")
        return written


def combined(old: ContextRecord | None, params: Mapping[str, Plain]) -> Plain | Refusal:
    """Return the new value of a record: merged, replaced, or with something appended."""
    value, before = params["value"], old.value if old is not None else None
    match params["mode"]:
        case "append":
            if before is not None and not isinstance(before, list):
                return _misfit(params["key"], "append", "a list")
            return [*(before or []), *(value if isinstance(value, list) else [value])]
        case "merge" if isinstance(value, Mapping):
            if before is not None and not isinstance(before, Mapping):
                return _misfit(params["key"], "merge", "an object")
            whole = {**(before or {}), **value}
            return {name: member for name, member in whole.items() if member is not None}
        case _:
            return value


def told(record: ContextRecord) -> dict[str, Plain]:
    """Return a record as answers show it."""
    return {
        "key": record.key,
        "value": record.value,
        "version": record.version,
        "updated_by": record.updated_by,
        "updated_at": iso(record.updated_at),
    }


def readable(asking: Asking, key: str) -> bool:
    """Say whether the caller may read a record of this key."""
    return asking.granted(asking.snapshot.actions[READ], key)


def read_verdict(asking: Asking, record: ContextRecord, *, id: str) -> Verdict:  # noqa: A002 - the word of the record
    """Ask the policies whether the caller may read a record; they see it as `resource`."""
    known = {"resource": record.value}
    return judged(asking, asking.snapshot.actions[READ], {"key": record.key}, id=id, known=known)


def _misfit(key: str, mode: str, wanted: str) -> Refusal:
    again = call_of("get_context_data", "See what it holds.", key=key)
    text = f"`{key}` is not {wanted}, so `mode: {mode}` does not fit; `replace` overwrites it."
    return refusal("bad-params", text, next=[again])


def _stale(key: str, version: int | None = None) -> Refusal:
    look = call_of("get_context_data", "Look, then decide anew.", key=key)
    where = f" It is at version {version}." if version is not None else ""
    return refusal(
        "stale", f"Not done: `{key}` was changed meanwhile.{where}", next=[look], version=version
    )
