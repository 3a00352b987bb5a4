from __future__ import annotations

from itertools import islice

import pytest

from ibmq_backend.backoff import Backoff, Polling
from tests.support.virtual_time import VirtualTime


def test_pauses_grow_up_to_the_cap():
    assert list(islice(Backoff(1.0, 2.0, 5.0).pauses(), 5)) == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_first_pause_is_capped_too():
    assert Backoff(8.0, longest=2.0).pause(1) == 2.0


@pytest.mark.parametrize(("fraction", "pause"), [(0.0, 3.0), (0.5, 4.0), (1.0, 5.0)])
def test_jitter_is_within_the_spread(fraction, pause):
    assert Backoff(4.0, spread=(0.75, 1.25)).pause(1, lambda: fraction) == pause


def test_jitter_is_random_by_default():
    assert len({Backoff(1.0, spread=(0.0, 1.0)).pause(1) for _ in range(20)}) > 1


@pytest.mark.parametrize(("tries", "pauses"), [(1, []), (2, [1.0]), (4, [1.0, 2.0, 4.0])])
def test_there_is_a_pause_between_two_tries(tries, pauses):
    assert list(Backoff(1.0, 2.0, tries=tries).pauses()) == pauses


def test_pauses_end_at_the_total_limit():
    assert list(Backoff(12.0, seconds=40.0).pauses()) == [12.0, 12.0, 12.0]


def test_unlimited_growth_does_not_overflow():
    assert Backoff(0.05, 1.5, 5.0).pause(10_000) == 5.0


POLLING = Polling(first=0.1, usual=0.5, share=0.25, longest=10.0, spread=0.8)


@pytest.mark.parametrize(
    ("waited", "fraction", "pause"),
    [
        (0.0, 0.0, 0.1),
        (0.2, 0.0, 0.4),
        (1.0, 0.0, 0.5),  # short pauses have no jitter
        (20.0, 1.0, 5.0),
        (20.0, 0.0, 4.0),
        (2.1, 0.0, 0.5),
        (1e9, 1.0, 10.0),
    ],
)
def test_a_pause_between_looks_is_a_share_of_the_time_waited(waited, fraction, pause):
    assert POLLING.pause(waited, lambda: fraction) == pytest.approx(pause)


def test_the_pauses_of_a_wait_follow_its_clock():
    clock = VirtualTime(100.0)
    pauses = POLLING.pauses(clock)
    assert next(pauses) == 0.1
    clock.sleep(1.0)
    assert next(pauses) == 0.5
