"""Nothing is lost or duplicated when the service and its workers are killed repeatedly.

By default there are a few kills. ``EMULATOR_KILLS=100 scripts/test
tests/emulator/http/test_kills.py`` makes a hundred for each database; ``EMULATOR_KILLS_SEED``
chooses other moments.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.jobs import RESULT
from ibmq_backend.emulator.store.schema import events, job_data, jobs
from tests.support.kill_load import ClassicUser, Ledger, PlatformUser, User
from tests.support.kill_server import KillableServer

KILLS = int(os.environ.get("EMULATOR_KILLS", "2"))
SEED = int(os.environ.get("EMULATOR_KILLS_SEED", "1"))
MOST_ENDED = 1 if KILLS < 10 else 10
"""Maximum number of jobs that end before a kill."""
USERS = 1 if KILLS < 10 else 3
"""Per dialect."""
WARM_SECONDS = 60.0
DRAIN_SECONDS = 240.0
VICTIMS = ("server", "server", "server and workers", "worker")


def test_kills_neither_lose_nor_duplicate_jobs(store_url: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    server, ledger = KillableServer(store_url, log), Ledger()
    users: list[User] = [
        *(ClassicUser(server, ledger, f"classic-{n}", SEED + n) for n in range(USERS)),
        *(PlatformUser(server, ledger, f"platform-{n}", SEED + n) for n in range(USERS)),
    ]
    victims: Counter[str] = Counter()
    server.start()
    try:
        for user in users:
            user.start()
        _kill_repeatedly(server, ledger, victims)
        for user in users:
            user.finish(DRAIN_SECONDS)
        for user in users:
            user.check_all_again()
    finally:
        server.stop()
        for user in users:
            user.close()
    problems = [*ledger.problems, *_problems_in(store_url, ledger), *_internal_errors(log)]
    print(
        f"\n{store_url.partition(':')[0]}: {sum(victims.values())} kills {dict(victims)}, "
        f"{server.lives} lives, {ledger.requests} replies, {ledger.torn} torn requests, "
        f"{ledger.unknown} creations without a reply, {len(ledger.accepted)} jobs accepted, "
        f"{len(ledger.accepted) - len(ledger.ended)} lost, {len(problems)} problems"
    )
    assert not problems, "\n".join(problems[:20])
    assert sum(victims.values()) >= KILLS
    assert set(ledger.ended) == set(ledger.accepted)
    assert server.abandoned_workers() == []


def _kill_repeatedly(server: KillableServer, ledger: Ledger, victims: Counter[str]) -> None:
    """Kill after some replies, half of the times during runs."""
    chance = random.Random(SEED)
    worker_spared = True
    while sum(victims.values()) < KILLS and not ledger.problems:
        if sum(victims.values()) % 2:
            # The workers have started once a job has ended.
            wanted = len(ledger.ended) + chance.randint(1, MOST_ENDED)
            ledger.wait(lambda wanted=wanted: len(ledger.ended) >= wanted, WARM_SECONDS)
        wanted = ledger.requests + chance.randint(0, 30)
        ledger.wait(lambda wanted=wanted: ledger.requests >= wanted, WARM_SECONDS)
        time.sleep(chance.uniform(0, 0.03))
        victim = chance.choice(VICTIMS)
        if victim == "worker":
            # Once per server: if workers die twice during a job, the job fails.
            if worker_spared and server.kill_worker():
                worker_spared = False
                victims[victim] += 1
            continue
        server.kill(workers=victim == "server and workers")
        victims[victim] += 1
        server.start()
        worker_spared = True


def _internal_errors(log: Path) -> list[str]:
    """Return the internal errors in the log of the server."""
    return [line for line in log.read_text().splitlines() if line.startswith("Traceback")]


def _problems_in(store_url: str, ledger: Ledger) -> list[str]:
    """Check that the database has one end and one result for every job, and no further jobs."""
    store = Store(store_url)
    try:
        with store.read() as connection:
            kept = {row.id: row for row in connection.execute(select(jobs))}
            ends = Counter(
                row.job_id
                for row in connection.execute(select(events))
                if row.status in lifecycle.FINAL
            )
            results = Counter(
                row.job_id
                for row in connection.execute(select(job_data.c.job_id, job_data.c.kind).distinct())
                if row.kind == RESULT
            )
    finally:
        store.close()
    found = [f"{one} was accepted and is gone" for one in ledger.accepted if one not in kept]
    found += [f"nobody knows of {one}" for one in kept if one not in ledger.accepted]
    for one, row in kept.items():
        if not row.final or row.lease_owner is not None:
            found.append(f"{one} is left {row.status}, held by {row.lease_owner}")
        if (ends[one], results[one]) != (1, 1):
            found.append(f"{one} ended {ends[one]} times with {results[one]} results")
    tags = Counter(tuple(row.tags) for row in kept.values())
    return [*found, *(f"{tag} was made {count} times" for tag, count in tags.items() if count > 1)]
