"""Calls in daemon threads: how many at a time, and that they hold up nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import CancelledError

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.api.classic.calls import ClassicCalls
from ibmq_backend.api.daemon_threads import (
    MAX_LATE_REQUESTS,
    MAX_LATE_THREADS,
    DaemonThreads,
    LateRequests,
)
from ibmq_backend.exceptions import ApiServerError
from tests.support.small_service import FewDevices, make_service, placed_bell

SECONDS = 30


def test_calls_are_made_in_order_and_no_more_at_a_time_than_allowed():
    threads = DaemonThreads(3, "test")
    begun, together = [], threading.Barrier(3)

    def call(number):
        begun.append(number)
        together.wait(SECONDS)  # three calls do run at a time
        return number

    futures = [threads.submit(lambda n=n: call(n)) for n in range(9)]
    assert [future.result(SECONDS) for future in futures] == list(range(9))
    assert [sorted(begun[n : n + 3]) for n in (0, 3, 6)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_errors_belong_to_the_future_and_threads_end():
    threads = DaemonThreads(1, "test of the end")
    future = threads.submit(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        future.result(SECONDS)
    threads.finish(SECONDS)
    assert not [each for each in threading.enumerate() if each.name == "test of the end"]
    assert threads.submit(lambda: 2).result(SECONDS) == 2


def test_cancelled_calls_are_not_made():
    threads, begun, release = DaemonThreads(1, "test"), threading.Event(), threading.Event()
    running = threads.submit(lambda: (begun.set(), release.wait(SECONDS)))
    waiting = threads.submit(lambda: 1)
    assert begun.wait(SECONDS)
    threads.cancel()
    release.set()
    assert running.result(SECONDS)
    with pytest.raises(CancelledError):
        waiting.result(SECONDS)


@pytest.mark.parametrize("has_thread", [False, True])
def test_calls_are_made_even_if_no_thread_can_be_started(monkeypatch, has_thread):
    threads, release = DaemonThreads(2, "test"), threading.Event()
    if has_thread:
        threads.submit(lambda: release.wait(SECONDS))

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    made_in = [threads.submit(threading.current_thread) for _ in range(2)]
    release.set()
    names = {future.result(SECONDS).name for future in made_in}
    assert names == {"test" if has_thread else threading.current_thread().name}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    threads, release = DaemonThreads(1, "test"), threading.Event()
    threads.submit(lambda: release.wait(SECONDS))
    with threads._changed:  # as if another thread held it
        child = os.fork()
        if child == 0:  # pragma: no cover
            signal.alarm(SECONDS)
            threads.finish(SECONDS)
            threads.cancel()
            os._exit(threads.submit(lambda: 7).result(SECONDS))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    release.set()


def test_late_requests_are_bounded_and_their_errors_are_not_raised():
    late, release = LateRequests(), threading.Event()
    busy = threading.Barrier(MAX_LATE_THREADS + 1)
    sent = []

    def fail():
        busy.wait(SECONDS)
        release.wait(SECONDS)
        raise ApiServerError("down", status_code=503)

    for _ in range(MAX_LATE_THREADS):
        late.send(fail)
    busy.wait(SECONDS)
    for number in range(MAX_LATE_REQUESTS + 5):
        late.send(lambda n=number: sent.append(n))
    release.set()
    late.finish()
    assert sorted(sent) == list(range(MAX_LATE_REQUESTS))


@pytest.mark.parametrize(
    ("request_", "output"), [("print('sent')", "sent\n"), ("threading.Event().wait()", "")]
)
def test_the_end_of_the_program_waits_for_late_requests_but_not_long(request_, output):
    program = (
        "import threading\n"
        "from ibmq_backend.api import daemon_threads\n"
        f"daemon_threads.FINISH_SECONDS = {SECONDS if output else 0.1}\n"
        f"daemon_threads.LateRequests().send(lambda: {request_})\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (ended.stdout, ended.stderr) == (output, "")


def test_a_result_does_not_wait_until_the_service_knows_that_it_was_read(monkeypatch):
    told, answered = threading.Event(), threading.Event()
    call = ClassicCalls.call

    def held(self, operation, *args, **kwargs):
        if operation.operation_id == "markResultDownloaded":
            assert answered.wait(SECONDS)
            told.set()
        return call(self, operation, *args, **kwargs)

    monkeypatch.setattr(ClassicCalls, "call", held)
    with make_service(FewDevices(["ibmq_vigo"])) as service:
        backend = IBMQ.enable_account(service.api_token, service.url).get_backend("ibmq_vigo")
        job = backend.run(placed_bell())
        assert job.result().success
        assert not told.is_set()
        answered.set()
        assert told.wait(SECONDS)
