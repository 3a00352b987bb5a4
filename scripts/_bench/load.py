"""Clients of the classic API in processes of their own: they submit jobs and fetch the results."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

PROJECT: Final = "/Network/ibm-q/Groups/open/Projects/main"
DEVICE: Final = "ibmq_qasm_simulator"
FINAL: Final = frozenset(
    ("COMPLETED", "CANCELLED", "ERROR_CREATING_JOB", "ERROR_VALIDATING_JOB", "ERROR_RUNNING_JOB")
)
SHOTS: Final = 100
_CLIENTS_PER_PROCESS: Final = 16


def bell_qobj(circuits: int) -> bytes:
    """Return a job of equal Bell circuits."""
    experiment = {
        "config": {"n_qubits": 2, "memory_slots": 2},
        "header": {
            "name": "bell",
            "n_qubits": 2,
            "memory_slots": 2,
            "qreg_sizes": [["q", 2]],
            "creg_sizes": [["c", 2]],
        },
        "instructions": [
            {"name": "h", "qubits": [0]},
            {"name": "cx", "qubits": [0, 1]},
            {"name": "measure", "qubits": [0, 1], "memory": [0, 1]},
        ],
    }
    document = {
        "qobj_id": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {"backend_name": DEVICE, "backend_version": "0.1.547"},
        "config": {"shots": SHOTS, "memory_slots": 2, "n_qubits": 2},
        "experiments": [experiment] * circuits,
    }
    return json.dumps(document).encode()


@dataclass
class Tally:
    """What clients saw.

    Attributes:
        seconds: times of the requests, by operation.
        created: ids of the created jobs.
        counted: for each job id, how many correct results were fetched.
        problems: what went wrong.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    created: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what other clients saw."""
        for name, times in other.seconds.items():
            self.seconds[name] += times
        self.created += other.created
        self.counted.update(other.counted)
        self.problems += other.problems


class Client:
    """One user of the service, with one connection.

    Args:
        url: base URL of the service.
        tally: where the times of the requests are noted.
        circuits: number of circuits of a job.
    """

    def __init__(self, url: str, tally: Tally, circuits: int = 1) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(str(address.hostname), address.port or 80, timeout=120)
        self._headers: dict[str, str] = {}
        self._tally = tally
        self._qobj = bell_qobj(circuits)

    def login(self, token: str) -> None:
        """Log in with an API token."""
        reply = self.request("login", "POST", "/api/users/loginWithToken", {"apiToken": token})
        self._headers["X-Access-Token"] = reply["id"]

    def request(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Send one request, note its time as that of an operation, and return the JSON reply."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = self._headers
        if content is not None:
            headers = {**headers, "Content-Type": "application/json"}
        started = time.perf_counter()
        self._connection.request(method, path, content, headers)
        reply = self._connection.getresponse()
        received = reply.read()
        self._tally.seconds[name].append(time.perf_counter() - started)
        if reply.status >= 300:
            raise RuntimeError(f"{name}: {reply.status} {received[:200]!r}")
        return json.loads(received or b"null")

    def project(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Send a request to a path of the project."""
        return self.request(name, method, f"/api{PROJECT}{path}", body)

    def submit(self) -> str:
        """Submit a job of Bell circuits and return its id."""
        wanted = {"backend": {"name": DEVICE}, "allowObjectStorage": True}
        job = self.project("create job", "POST", "/Jobs", wanted)
        job_id: str = job["id"]
        self._tally.created.append(job_id)
        self.request("upload", "PUT", _path(job["objectStorageInfo"]["uploadUrl"]), self._qobj)
        self.project("mark uploaded", "POST", f"/Jobs/{job_id}/jobDataUploaded")
        return job_id

    def status(self, job_id: str) -> str:
        """Return the status of a job."""
        found: str = self.project("status", "GET", f"/Jobs/{job_id}/status/v/1")["status"]
        return found

    def fetch(self, job_id: str) -> None:
        """Fetch and check the result of a finished job."""
        address = self.project("result address", "GET", f"/Jobs/{job_id}/resultDownloadUrl")["url"]
        result = self.request("result", "GET", _path(address))
        self.project("mark fetched", "POST", f"/Jobs/{job_id}/resultDownloaded")
        counts = result["results"][0]["data"]["counts"]
        if result["job_id"] == job_id and sum(counts.values()) == SHOTS:
            self._tally.counted[job_id] = self._tally.counted.get(job_id, 0) + 1
        else:
            self._tally.problems.append(f"{job_id}: a wrong result")

    def wait(self, job_id: str, pause: float, deadline: float) -> bool:
        """Poll until a job is final; return whether it was before the deadline."""
        while self.status(job_id) not in FINAL:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
        return True


@dataclass(frozen=True)
class Load:
    """The work of all clients.

    Attributes:
        url: base URL of the service.
        clients: number of clients.
        jobs: number of jobs of all clients together.
        open_jobs: number of jobs that a client submits before it waits for the first of them.
        pause: seconds between two requests for the status of a job.
        interval: seconds from one submission of a client to the next; 0 = at once.
        seconds: time limit, after which clients stop.
        circuits: number of circuits of a job.
    """

    url: str
    clients: int
    jobs: int
    open_jobs: int
    pause: float
    interval: float
    seconds: float
    circuits: int

    def run(self, while_running: Callable[[], None] = lambda: None) -> tuple[Tally, float]:
        """Run all clients, and call a function again and again meanwhile.

        Returns:
            What the clients saw, and the seconds from the first request to the last reply.
        """
        context = multiprocessing.get_context("fork")
        shares = [
            range(first, self.clients, _processes(self.clients))
            for first in range(_processes(self.clients))
        ]
        started = time.perf_counter()
        with context.Pool(len(shares)) as pool:
            pending = pool.map_async(self._run_clients, shares, chunksize=1)
            while not pending.ready():
                while_running()
                pending.wait(0.02)
            tallies = pending.get()
        total = Tally()
        for tally in tallies:
            total.add(tally)
        return total, time.perf_counter() - started

    def _run_clients(self, numbers: Sequence[int]) -> Tally:
        tallies = [Tally() for _ in numbers]
        threads = [
            threading.Thread(target=self._run_client, args=(number, tally))
            for number, tally in zip(numbers, tallies, strict=True)
        ]
        for thread in threads:
            thread.start()
        total = Tally()
        for thread, tally in zip(threads, tallies, strict=True):
            thread.join()
            total.add(tally)
        total.seconds = dict(total.seconds)
        return total

    def _run_client(self, number: int, tally: Tally) -> None:
        share = len(range(number, self.jobs, self.clients))
        deadline = time.monotonic() + self.seconds
        try:
            client = Client(self.url, tally, self.circuits)
            client.login(f"client-{number}")
            while share > 0 and time.monotonic() < deadline:
                started = time.monotonic()
                waiting = [client.submit() for _ in range(min(share, self.open_jobs))]
                share -= len(waiting)
                for job_id in waiting:
                    if client.wait(job_id, self.pause, deadline):
                        client.fetch(job_id)
                if share > 0:
                    time.sleep(max(0.0, started + self.interval - time.monotonic()))
        except Exception as error:  # the report must name it
            tally.problems.append(f"client {number}: {type(error).__name__}: {error}")


def _processes(clients: int) -> int:
    return -(-clients // _CLIENTS_PER_PROCESS)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
