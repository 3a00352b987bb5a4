"""Changes of jobs wake the threads that have something to do, and no others."""

from __future__ import annotations

import threading

import pytest

from ibmq_backend.emulator.core.job_events import Changes, Work, WorkSignal

PATIENCE = 60.0
NEVER = 10_000.0


class Workers:
    """Threads that wait for a signal and count how often they got one."""

    def __init__(self, count: int, poll_seconds: float = NEVER) -> None:
        self.signal = WorkSignal(count, poll_seconds)
        self.woken: list[bool] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while not self._stopping:
            signalled = self.signal.wait()
            with self._changed:
                self.woken.append(signalled)
                self._changed.notify_all()

    def wait(self, times: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.woken) >= times, PATIENCE)

    def stop(self) -> None:
        self._stopping = True
        self.signal.give_all()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_a_signal_wakes_one_thread() -> None:
    workers = Workers(5)
    for number in range(1, 20):
        workers.signal.give()
        workers.wait(number)
    assert workers.woken == [True] * 19
    workers.stop()
    assert len(workers.woken) == 24


def test_signals_before_the_wait_are_kept_up_to_the_number_of_threads() -> None:
    signal = WorkSignal(2, 0.0)
    for _ in range(5):
        signal.give()
    assert [signal.wait() for _ in range(4)] == [True, True, False, False]


def test_another_thread_polls_while_the_first_one_works() -> None:
    signal, polled, release = WorkSignal(2, 0.001), threading.Event(), threading.Event()

    def work_for_long() -> None:
        signal.wait()
        release.wait(PATIENCE)

    def poll() -> None:
        while signal.wait():
            pass
        polled.set()

    threads = [threading.Thread(target=one, daemon=True) for one in (work_for_long, poll)]
    threads[0].start()
    threads[1].start()
    assert polled.wait(PATIENCE)
    release.set()
    for thread in threads:
        thread.join(PATIENCE)


@pytest.mark.parametrize("work", [None, *Work])
def test_only_work_is_reported_as_work(work: Work | None) -> None:
    changes = Changes()
    jobs: list[str] = []
    reported: list[Work] = []
    changes.subscribe(jobs.append)
    cancel = changes.subscribe_to_work(reported.append)
    changes.publish("one", work)
    cancel()
    changes.publish("two", work)
    assert jobs == ["one", "two"]
    assert reported == ([] if work is None else [work])
