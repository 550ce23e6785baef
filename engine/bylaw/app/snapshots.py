"""The operator's commands over the recorded snapshots of a store; they need no running server."""

import os
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bylaw.app import clock
from bylaw.app.settings import Settings
from bylaw.app.wiring import redactor_of
from bylaw.base.errors import ConfigurationError
from bylaw.compile.server import DEFAULT_STORE, find_station
from bylaw.load.house import read_house
from bylaw.model.archive import Pin
from bylaw.services.comparing import Comparison, Inventory, compare, inventory
from bylaw.services.journal import SCOPE
from bylaw.services.pin import LONGEST_REASON, Order, Pins
from bylaw.store.store import Store
from bylaw.store.url import counted_from, may_be_there


async def list_snapshots(house: Path | None, limit: int) -> Inventory:
    """Return the newest snapshots of a house's store."""
    async with opened_store(house) as store:
        return await inventory(store, SCOPE, limit)


async def diff_snapshots(house: Path | None, before: str, after: str | None) -> Comparison:
    """Return what two snapshots differ in."""
    async with opened_store(house) as store:
        return await compare(store, SCOPE, before, after=after)


async def pin_snapshot(house: Path | None, digest: str, reason: str) -> Pin:
    """Pin a snapshot, in the name of whoever runs this process."""
    async with opened_store(house) as store:
        pins = pins_of(store)
        pin = await pins.pin(digest, order(reason), environ=os.environ)
        await pins.seal(clock.now())
    return pin


async def unpin_snapshot(house: Path | None, reason: str) -> Pin:
    """Remove the pin, in the name of whoever runs this process; return what it was."""
    async with opened_store(house) as store:
        pins = pins_of(store)
        pin = await pins.unpin(order(reason))
        await pins.seal(clock.now())
    return pin


def pins_of(store: Store) -> Pins:
    """Return the use cases over a store."""
    return Pins(store, SCOPE, new_id=clock.new_id, redactor=redactor_of(None))


def order(reason: str) -> Order:
    """Return what this process orders.

    Raises:
        ConfigurationError: the reason is too long, or is more than a line.
    """
    text = reason.strip()
    if len(text) > LONGEST_REASON or not text.isprintable():
        raise ConfigurationError(f"`--reason` is one line of up to {LONGEST_REASON} characters")
    return Order(by=f"operator:{account()}", reason=text, now=clock.now())


def account() -> str:
    """Return the account of this machine that runs the process; no name of the house."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # A container may run under a number that has no name.
        return f"uid-{os.getuid()}"


@asynccontextmanager
async def opened_store(house: Path | None) -> AsyncIterator[Store]:
    """Open the store of a house, which need not load, and leave its tables as they are.

    Raises:
        ConfigurationError: there is no store, or it is of another version.
        StoreUnavailable: the database is not there.
    """
    url = store_url_of(Settings() if house is None else Settings(house=house))
    if not may_be_there(url):
        raise ConfigurationError("there is no store yet; `bylaw serve` makes one")
    async with Store.open(url) as store:
        await store.require_current()
        yield store


def store_url_of(settings: Settings) -> str:
    """Return where the store is: as set, else as `bylaw.yaml` says, as far as it can be read.

    Raises:
        ConfigurationError: it names the environment, which does not say.
    """
    folder = settings.store_folder()
    if settings.store_url:
        return counted_from(folder, settings.store_url)
    station = find_station(read_house(settings.house_folder()).files, os.environ)
    if station.store_url == "":
        text = "`bylaw.yaml` names a variable for the store that is not set; set BYLAW_STORE_URL"
        raise ConfigurationError(text)
    return counted_from(folder, station.store_url or DEFAULT_STORE)
