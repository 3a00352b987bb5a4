"""A hundred clients respect the Retry-After of a service that replies with 429."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from dataclasses import dataclass, field

import httpx
import pytest

from ibmq_backend._http.client import build_client
from ibmq_backend._http.retry import Outcome, Retry, RetryPolicy, decide
from ibmq_backend._http.settings import NetworkSettings
from tests.support.any_operation import safe
from tests.support.http_faults import faulty_server, reply

CLIENTS = 100
POLICY = RetryPolicy()


@dataclass
class Storm:
    """Clients that use the real retry decision, simulated with a clock of events."""

    announce: float | None
    per_second: int = 0  # successful replies; 0 for none
    times: dict[int, list[float]] = field(default_factory=dict)
    served: int = 0

    def run(self) -> None:
        dice = random.Random(20210504)
        events = [(0.0, client, 1) for client in range(CLIENTS)]
        capacity: dict[int, int] = {}
        while events:
            now, client, attempt = heapq.heappop(events)
            self.times.setdefault(client, []).append(now)
            taken = capacity.get(int(now), 0)
            if taken < self.per_second:
                capacity[int(now)] = taken + 1
                self.served += 1
                continue
            decision = decide(
                POLICY,
                Outcome(status=429, server_delay=self.announce),
                safe=True,
                attempt=attempt,
                elapsed=now,
                random=dice.random,
            )
            if isinstance(decision, Retry):
                heapq.heappush(events, (now + decision.delay, client, attempt + 1))

    def all_times(self) -> list[float]:
        return sorted(itertools.chain.from_iterable(self.times.values()))

    def most_within(self, seconds: float) -> int:
        """Return the largest number of requests in any window after the first burst."""
        later = [moment for moment in self.all_times() if moment > 0.0]
        return max(
            sum(start <= moment < start + seconds for moment in later[index:])
            for index, start in enumerate(later)
        )


@pytest.mark.parametrize("announce", [1.0, 5.0, 12.0])
def test_all_clients_wait_as_announced_and_finally_give_up(announce):
    storm = Storm(announce)
    storm.run()
    for moments in storm.times.values():
        gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
        assert min(gaps) >= announce
        assert len(moments) <= POLICY.attempts
        assert moments[-1] <= POLICY.budget
    assert len(storm.all_times()) <= CLIENTS * POLICY.attempts
    # at most one request of each client in the announced seconds
    assert storm.most_within(announce) <= CLIENTS


def test_clients_do_not_retry_all_at_once():
    storm = Storm(5.0)
    storm.run()
    assert storm.most_within(0.1) < CLIENTS / 2  # without jitter it would be all of them


def test_without_retry_after_the_rate_of_requests_decreases():
    storm = Storm(None)
    storm.run()
    every = storm.all_times()
    first, last = (
        sum(start <= moment < start + 1.0 for moment in every) for start in (0.0, every[-1] - 1.0)
    )
    assert last < first / 4


def test_a_slow_service_finally_serves_all_clients():
    storm = Storm(1.0, per_second=30)
    storm.run()
    assert storm.served == CLIENTS
    assert len(storm.all_times()) < 4 * CLIENTS


def test_ten_clients_wait_as_a_real_server_announces():
    clients = 10
    settings = NetworkSettings(trust_env=False, retry=RetryPolicy(first_delay=0.1))
    arrivals: dict[str, list[float]] = {}
    failures = []
    with faulty_server() as server:
        refuse, accept = reply("429 Too Many Requests", b"", "Retry-After: 0.3"), reply("200 OK")

        def refuse_once_each(connection):
            path = server.requests[-1].split()[1]
            paths = [request.split()[1] for request in server.requests]
            (refuse if paths.count(path) == 1 else accept)(connection)

        server.acts = [refuse_once_each]

        def work(name):
            def note(request):
                arrivals.setdefault(name, []).append(time.monotonic())

            try:
                with build_client(settings, base_url=server.url, operation_of=safe) as client:
                    inner = client._transport._inner
                    handle = inner.handle_request
                    inner.handle_request = lambda request: note(request) or handle(request)
                    client.get(f"/{name}")
            except httpx.HTTPError as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(f"{n}",)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(server.requests) == 2 * clients
    gaps = [
        later - earlier
        for moments in arrivals.values()
        for earlier, later in itertools.pairwise(moments)
    ]
    assert len(gaps) == clients
    assert min(gaps) >= 0.3
