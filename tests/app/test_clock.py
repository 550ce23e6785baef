"""Ids: their form, and that nobody gets one twice."""

import re

from bylaw.app.clock import new_call_id, new_id


def test_every_id_is_another_one() -> None:
    made = [new_id("dec") for _ in range(1_000)]

    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"dec_[0-9a-f]{16}", one) for one in made)
    assert re.fullmatch(r"req_[0-9a-f]{12}", new_call_id())
