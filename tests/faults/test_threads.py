"""Threads share one login; jobs stay usable after an interrupted wait and after a fork."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.faults.faulty_target import DIALECTS, PATIENT, faulty_target

ROOT = Path(__file__).parents[2]
THREADS = 50
PATIENCE = 90.0
LOGIN = {"classic": "loginWithToken", "platform": "exchangeToken"}


class Rendezvous:
    """Delays the login of a token until every thread waits for it.

    It replaces the lock of the token and counts the threads that want it.
    """

    def __init__(self, token):
        self._lock = token._lock
        self._wanted = itertools.count(1)
        self._all_wait, self._patience = threading.Event(), PATIENCE
        fetch = token._fetch

        def fetch_when_all_wait():
            patience, self._patience = self._patience, 0.0
            assert self._all_wait.wait(patience), "some threads did not try to log in"
            return fetch()

        token._lock, token._fetch = self, fetch_when_all_wait

    def acquire(self, timeout=-1):
        if next(self._wanted) == THREADS:
            self._all_wait.set()
        return self._lock.acquire(timeout=timeout)

    def release(self):
        self._lock.release()


def run_in_threads(work):
    """Call a function in many threads at once, and return the exceptions."""
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


def logins(target):
    return sum(
        request.operation == LOGIN[target.dialect] for request in target.service.faults.requests
    )


def revoke(target, token):
    """Make the service refuse a token from now on, unknown to the client."""
    target.service.faults.script([{"operation": "*", "calls": 1, "kind": "expired_token"}])
    urls = {
        "classic": f"{target.service.url}/users/me",
        "platform": f"{target.service.platform_url}/v1/backends",
    }
    shown = {"X-Access-Token": token, "Authorization": f"Bearer {token}"}
    reply = httpx.get(urls[target.dialect], headers=shown, trust_env=False)
    assert reply.status_code == 401


@pytest.fixture(params=DIALECTS)
def expired_target(request):
    """Yield a target whose client knows that its token has expired."""
    now = [0.0]
    with faulty_target(request.param, settings=PATIENT, clock=lambda: now[0]) as target:
        now[0] += 30 * 86400.0
        target.service.faults.script([])  # reset the count of requests
        yield target


def test_fifty_threads_renew_an_expired_token_once(expired_target):
    Rendezvous(expired_target.account._token)
    assert run_in_threads(expired_target.backend.status) == []
    assert logins(expired_target) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_fifty_threads_replace_a_refused_token_once(dialect):
    with faulty_target(dialect, settings=PATIENT) as target:
        refused = target.account._token.text()
        revoke(target, refused)
        Rendezvous(target.account._token)
        assert run_in_threads(target.backend.status) == []
        assert logins(target) == 1
        assert target.account._token.text() != refused


def test_a_failing_login_is_tried_once_for_all_threads(expired_target):
    Rendezvous(expired_target.account._token)
    expired_target.service.faults.script(
        [{"operation": LOGIN[expired_target.dialect], "kind": "status", "status": 403}]
    )
    assert len(run_in_threads(expired_target.backend.status)) == THREADS
    assert logins(expired_target) == 1


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
    assert max(seen["interrupted"].values()) < 20.0, seen  # milliseconds, or a minute
    assert seen["children"] == [0, 0]
