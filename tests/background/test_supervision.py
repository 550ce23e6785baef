"""Background work goes on whatever happens to it, and ends when it is told to."""

import asyncio

from structlog.testing import capture_logs

from bylaw.background.supervision import ended, keep_running, rest


async def test_work_that_crashes_is_logged_and_started_again() -> None:
    stop, starts = asyncio.Event(), []

    async def work(stop: asyncio.Event) -> None:
        starts.append(1)
        if len(starts) < 3:
            raise ValueError("out of luck")
        stop.set()

    with capture_logs() as lines:
        await keep_running("work", work, stop, pause_s=0.0)

    assert len(starts) == 3
    assert [(line["event"], line["work"]) for line in lines] == [
        ("background work crashed", "work")
    ] * 2


async def test_work_that_ends_too_early_is_logged_and_started_again() -> None:
    stop, starts = asyncio.Event(), []

    async def work(stop: asyncio.Event) -> None:
        starts.append(1)
        if len(starts) == 2:
            stop.set()

    with capture_logs() as lines:
        await keep_running("work", work, stop, pause_s=0.0)

    assert [line["event"] for line in lines] == ["background work ended"]


async def test_stop_ends_the_pause_before_a_new_start() -> None:
    stop = asyncio.Event()

    async def work(stop: asyncio.Event) -> None:
        stop.set()
        raise ValueError("out of luck")

    async with asyncio.timeout(5):
        await keep_running("work", work, stop, pause_s=60.0)

    assert stop.is_set()


async def test_work_that_does_not_end_is_cut_off() -> None:
    task = asyncio.create_task(asyncio.Event().wait(), name="endless")

    with capture_logs() as lines:
        await ended([task], within_s=-1.0)  # type: ignore[list-item]  # what it gives is not asked

    assert task.cancelled()
    assert [line["work"] for line in lines] == ["endless"]


async def test_rest_lasts_no_longer_than_its_time() -> None:
    stop = asyncio.Event()

    await rest(stop, 0.0)

    assert not stop.is_set()
