"""Threads share one login; an interrupted wait leaves a job that can be used; forks go on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.places import DIALECTS, a_place

ROOT = Path(__file__).parents[2]
THREADS = 50
LOGIN = {"classic": "loginWithToken", "platform": "exchangeToken"}


def in_threads(work):
    """Do it in many threads at once; gives what they raised."""
    together = threading.Barrier(THREADS)
    failures = []

    def one():
        together.wait()
        try:
            work()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def logins(place):
    return sum(
        request.operation == LOGIN[place.dialect] for request in place.service.faults.requests
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_token_that_lapses_under_fifty_threads_is_renewed_once(dialect):
    now = [0.0]
    with a_place(dialect, clock=lambda: now[0]) as place:
        # a login that takes its time, so that everybody wants one meanwhile
        place.service.faults.script(
            [{"operation": LOGIN[dialect], "kind": "delay", "seconds": 0.1}]
        )
        now[0] += 30 * 86400.0  # the client sees that the token is over
        assert in_threads(place.backend.status) == []
        assert logins(place) == 1
        # the service alone knows that it is over
        refused = place.account._token.text()
        place.service.faults.script(
            [
                {"operation": "getBackendStatus", "calls": 1, "kind": "expired_token"},
                {"operation": LOGIN[dialect], "kind": "delay", "seconds": 0.1},
            ]
        )
        assert in_threads(place.backend.status) == []
        assert logins(place) == 1
        assert place.account._token.text() != refused


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_login_that_fails_is_tried_once_for_all(dialect):
    now = [0.0]
    with a_place(dialect, clock=lambda: now[0]) as place:
        now[0] += 30 * 86400.0
        place.service.faults.script(
            [{"operation": LOGIN[dialect], "kind": "status", "status": 403}]
        )
        failures = in_threads(place.backend.status)
        assert len(failures) == THREADS
        assert logins(place) < THREADS / 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_interrupts_and_forks(dialect):
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.interrupted_and_forked", dialect],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert max(seen["interrupted"].values()) < 5.0, seen  # it takes milliseconds
    assert seen["children"] == [0, 0]
