"""`bylaw audit verify`: what was decided stands as it was written."""

from pathlib import Path

from bylaw.app import clock
from bylaw.app.commands import verify_audit
from bylaw.store.store import Store
from tests.running import CHANGE, copy_of_shipped, running


async def test_every_decision_of_a_run_stands_under_a_seal(tmp_path: Path, store_url: str) -> None:
    house = copy_of_shipped(tmp_path / "house")
    text = (house / "bylaw.yaml").read_text()
    named = text.replace("${BYLAW_STORE_URL:-sqlite:///.bylaw/bylaw.db}", store_url)
    (house / "bylaw.yaml").write_text(named)
    async with running(house, store_url) as bylaw:
        await bylaw.run("ana", "code-review.start", params=CHANGE)
    async with Store.open(store_url) as store, store.write() as tx:
        await tx.audit.seal(clock.now())

    report = await verify_audit(house)

    assert report.records >= 2
    assert (report.broken, report.unsealed) == ("", 0)
