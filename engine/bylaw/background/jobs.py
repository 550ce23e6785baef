"""Which jobs there are, and who handles them."""

from bylaw.adapters.jobs.worker import DRAIN_S, Jobs
from bylaw.base.plain import Record
from bylaw.services.delivery import Delivery
from bylaw.services.house import House
from bylaw.services.writing import EFFECT_JOB, TIMER_JOB


def jobs_of(house: House, delivery: Delivery, *, drain_s: float = DRAIN_S) -> Jobs:
    """Return the worker of this process, with a handler for every job.

    In the end the jobs at work get `drain_s` to finish.
    """

    async def effect(payload: Record, _attempts: int) -> None:
        await delivery.effect(payload)

    async def timer(payload: Record, _attempts: int) -> None:
        await delivery.timer(payload)

    jobs = Jobs(house.store.queue, clock=house.clock, drain_s=drain_s)
    jobs.register(EFFECT_JOB, effect)
    jobs.register(TIMER_JOB, timer)
    return jobs
