"""The documented calls, with this package or with the original client.

python classic.py ours|original
"""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bell import bell_circuit, bell_qobj
from driver import MANY, THREADS, TOKEN, URL, Operation, drive

if sys.argv[1] == "ours":
    from ibmq_backend import IBMQ
    from ibmq_backend.managed import IBMQJobManager
else:
    from qiskit import IBMQ
    from qiskit.providers.ibmq.managed import IBMQJobManager


logging.disable()


def log_in(_: None = None) -> Any:
    """Return the device."""
    provider = IBMQ.enable_account(TOKEN, URL)
    provider.backends()
    backend = provider.get_backend("ibmq_vigo")
    IBMQ.disable_account()
    return backend


BACKEND = log_in()
QOBJ = bell_qobj()
CIRCUITS = [bell_circuit() for _ in range(MANY)]


def submit() -> Any:
    """Submit a Qobj."""
    return BACKEND.run(QOBJ)


def results_of_many(jobs: list[Any]) -> None:
    """Fetch results, several at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda job: job.result(), jobs))


def submit_many(_: None) -> None:
    """Submit jobs and fetch their results with the job manager."""
    IBMQJobManager().run(CIRCUITS, backend=BACKEND, max_experiments_per_job=1).results()


if __name__ == "__main__":
    drive(
        {
            "login": Operation(log_in),
            "status": Operation(lambda _: BACKEND.status()),
            "properties": Operation(lambda _: BACKEND.properties(refresh=True)),
            "submit": Operation(lambda _: submit()),
            "submit + result": Operation(lambda _: submit().result()),
            "result": Operation(lambda job: job.result(), submit),
            "jobs(200)": Operation(lambda _: BACKEND.jobs(limit=200)),
            "50 results": Operation(results_of_many, lambda: BACKEND.jobs(limit=MANY)),
            "50 jobs": Operation(submit_many),
            "wait 1 s": Operation(lambda job: job.result(), submit),
        },
        "qiskit-terra",
        *(() if sys.argv[1] == "ours" else ("qiskit-ibmq-provider",)),
    )
