"""Threads share one login; an interrupted wait leaves a job that can be used; forks go on."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.faults.places import DIALECTS, PATIENT, a_place

ROOT = Path(__file__).parents[2]
THREADS = 50
PATIENCE = 90.0
LOGIN = {"classic": "loginWithToken", "platform": "exchangeToken"}


class Rendezvous:
    """Holds the login of a token back until every thread waits for it.

    Stands for the lock of the token, and counts who wants it.
    """

    def __init__(self, token):
        self._lock = token._lock
        self._wanted = itertools.count(1)
        self._all_wait, self._patience = threading.Event(), PATIENCE
        fetch = token._fetch

        def fetch_when_all_wait():
            patience, self._patience = self._patience, 0.0
            assert self._all_wait.wait(patience), "some threads want no login"
            return fetch()

        token._lock, token._fetch = self, fetch_when_all_wait

    def acquire(self, timeout=-1):
        if next(self._wanted) == THREADS:
            self._all_wait.set()
        return self._lock.acquire(timeout=timeout)

    def release(self):
        self._lock.release()


def in_threads(work):
    """Do it in many threads at once; gives what they raised."""
    failures = []

    def one():
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


def revoke(place, token):
    """Have the service refuse a token from now on; the client does not know."""
    place.service.faults.script([{"operation": "*", "calls": 1, "kind": "expired_token"}])
    urls = {
        "classic": f"{place.service.url}/users/me",
        "platform": f"{place.service.platform_url}/v1/backends",
    }
    shown = {"X-Access-Token": token, "Authorization": f"Bearer {token}"}
    reply = httpx.get(urls[place.dialect], headers=shown, trust_env=False)
    assert reply.status_code == 401


@pytest.fixture(params=DIALECTS)
def lapsed(request):
    """A place whose client sees that its token is over."""
    now = [0.0]
    with a_place(request.param, settings=PATIENT, clock=lambda: now[0]) as place:
        now[0] += 30 * 86400.0
        place.service.faults.script([])  # counts from here
        yield place


def test_a_token_that_lapses_under_fifty_threads_is_renewed_once(lapsed):
    Rendezvous(lapsed.account._token)
    assert in_threads(lapsed.backend.status) == []
    assert logins(lapsed) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_token_that_fifty_threads_are_refused_is_replaced_once(dialect):
    with a_place(dialect, settings=PATIENT) as place:
        refused = place.account._token.text()
        revoke(place, refused)
        Rendezvous(place.account._token)
        assert in_threads(place.backend.status) == []
        assert logins(place) == 1
        assert place.account._token.text() != refused


def test_a_login_that_fails_is_tried_once_for_all(lapsed):
    Rendezvous(lapsed.account._token)
    lapsed.service.faults.script(
        [{"operation": LOGIN[lapsed.dialect], "kind": "status", "status": 403}]
    )
    assert len(in_threads(lapsed.backend.status)) == THREADS
    assert logins(lapsed) == 1


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
