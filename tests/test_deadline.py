from __future__ import annotations

from ibmq_backend.deadline import time_left, time_limit


def test_the_earliest_limit_applies():
    now = [0.0]
    clock = lambda: now[0]  # noqa: E731
    assert time_left() is None
    with time_limit(10.0, clock):
        with time_limit(20.0, clock):
            assert time_left() == 10.0
        with time_limit(3.0, clock):
            now[0] = 2.0
            assert time_left() == 1.0
            now[0] = 4.0
            assert time_left() == 0.0
        with time_limit(None, clock):
            assert time_left() == 6.0
    assert time_left() is None
