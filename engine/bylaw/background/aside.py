"""Heavy work beside the calls: it gives way often, and keeps the collector of garbage out."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# How long a call waits at most for its turn while something heavy runs in a thread; Python's
# own 5 ms would be waited for again at every step of a call.
TURN_S = 0.0001
# So long it works by itself, and so long it rests then: about as long as a call takes.
WORK_S = 0.0003
REST_S = 0.003
# So many new objects are a whole house; below that the collector is quick.
MANY = 20_000


@contextmanager
def aside() -> Iterator[None]:
    """Let the calls go first while the body runs, in a thread of its own.

    A house is many objects that stay. A collection that looks through all of them stops every
    call for as long as it takes, and finds nothing: what is compiled is free of cycles. So none
    runs in between, and what a large load made is not looked through afterwards either.
    """
    interval = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MANY:
            gc.freeze()
        gc.enable()
        sys.setswitchinterval(interval)


class Turns:
    """Rests of one thread: short work, then long enough for a call to get done."""

    def __init__(self) -> None:
        """Begin with work."""
        self._until_s = time.thread_time() + WORK_S

    def __call__(self) -> None:
        """Rest if it is time; a thread that asks this often holds no call up for long."""
        if time.thread_time() >= self._until_s:
            time.sleep(REST_S)
            self._until_s = time.thread_time() + WORK_S


def settle() -> None:
    """Take all that was made so far as lasting: the collector does not look through it again."""
    gc.freeze()
