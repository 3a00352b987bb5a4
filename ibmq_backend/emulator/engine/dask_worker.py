"""What a Dask cluster runs for a server: parts of jobs, in isolated processes of its workers.

Scheduler and workers import this module by name. A Dask worker has one simulator process for each
of its threads, with the limits and the isolation of those of a server. It hands the data of a job
to one of them as the bytes that the client sent, and its reply back as bytes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version_tuple
from typing import Any, Final

from distributed import Worker, get_worker
from distributed.core import Status

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.raw_json import RawJson, raw_json
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.engine import ProcessEngine
from ibmq_backend.emulator.engine.task import QOBJ_TASK, EngineError, Task
from ibmq_backend.emulator.engine.worker_limits import MIN_MEMORY_BYTES, WorkerLimits

__all__ = [
    "STARTED",
    "Reply",
    "find_differences",
    "hold",
    "pack",
    "prepare",
    "read_facts",
    "run_part",
    "setup_text",
    "unpack",
]

Reply = tuple[str, str, list[bytes]]
"""A JSON document for the wire: a marker, the text, and large values, each an object in the text
with the marker as its name and the position as its value."""

STARTED: Final = "ibmq-part-started"
"""Topic of the events with the keys of the parts that start."""

_PACKAGES: Final = ("ibmq-backend", "qiskit-terra", "qiskit-aer", "distributed")
_WATCH_SECONDS: Final = 0.25

_engines: dict[str, ProcessEngine] = {}
_engines_lock: Final = threading.Lock()


# -- what must be the same everywhere ---------------------------------------------------------


def setup_text(options: DeviceOptions, result_bytes: int) -> str:
    """Return what a server asks of all workers, as text.

    Args:
        options: options of the devices; their folders must exist on the workers.
        result_bytes: size limit of a result.
    """
    return json.dumps(
        {
            "options": options.to_json(),
            "result_bytes": result_bytes,
            "facts": read_facts(options.to_json()),
        }
    )


@lru_cache(maxsize=16)
def read_facts(options_text: str) -> dict[str, str]:
    """Return the versions of this process, and a digest of each folder of devices.

    Args:
        options_text: options of the devices, see ``DeviceOptions.to_json``.
    """
    facts = {"Python": ".".join(python_version_tuple()[:2])}
    for package in _PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "none"
    for folder in DeviceOptions.from_json(options_text).folders:
        facts[str(folder)] = _digest(folder)
    return facts


def find_differences(setup: str) -> str | None:
    """Return how this process differs from a server, in words; None if it does not.

    Args:
        setup: text of :func:`setup_text` of the server.
    """
    asked = json.loads(setup)
    found = read_facts(asked["options"])
    words = []
    for name, value in asked["facts"].items():
        if found[name] == value:
            continue
        if Path(name).is_absolute():
            state = "differs from" if found[name] else "is missing, unlike"
            words.append(f"the folder {name} {state} that of the server")
        else:
            words.append(f"{name} is {found[name]}, on the server {value}")
    return "; ".join(words) or None


def _digest(folder: Path) -> str:
    """Return a digest of the snapshots in a folder; empty if there are none."""
    files = sorted([*folder.glob("*.json"), *folder.glob("*/*.json")])
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest() if files else ""


# -- called by Dask ---------------------------------------------------------------------------


def prepare(setup: str, dask_worker: Worker) -> str | None:
    """Compare this worker with a server, and start its simulators if they agree.

    Args:
        setup: text of :func:`setup_text` of the server.
        dask_worker: this worker, which Dask passes by this name.

    Returns:
        The differences in words; None if there are none.
    """
    differences = find_differences(setup)
    if differences is None:
        _engine(setup, dask_worker).start_simulators()
    return differences


def hold(content: bytes) -> bytes:
    """Return the data of a job, so that Dask sends it to each worker that needs it once."""
    return content


def run_part(setup: str, head: str, content: bytes) -> Reply:
    """Run some circuits of a job in a simulator process; called in a thread of a Dask worker.

    The process is ended if Dask no longer wants the result: the job was cancelled, the server has
    gone, or the worker is closing. That of a closing worker may still reach the server.

    Args:
        setup: text of :func:`setup_text` of the server.
        head: the task without its content, as JSON, and ``seconds``, its time limit.
        content: the data of the job.

    Returns:
        ``result``, ``refused`` or ``error`` (``message`` and ``code``), or ``again`` (why) if
        another worker must run the part.
    """
    differences = find_differences(setup)
    if differences is not None:
        return pack({"again": differences})
    asked = json.loads(head)
    seconds = asked.pop("seconds")
    worker = get_worker()
    engine, key = _engine(setup, worker), str(worker.get_current_task())
    worker.log_event(STARTED, key)
    unwanted = threading.Event()
    # Two parts of one job may run here, so each has the name of the Dask task.
    task = Task(content=RawJson(lambda: iter((content,)), len(content)), job_id=key, **asked)
    try:
        with _ended_if_unwanted(engine, worker, key, unwanted):
            result = engine.run(task, seconds)
    except JobRefused as error:
        return pack({"refused": {"message": error.message, "code": error.code}})
    except EngineError as error:
        if unwanted.is_set():
            return pack({"again": "the worker was closing"})
        return pack({"error": {"message": error.message, "code": error.code}})
    if task.kind == QOBJ_TASK and not isinstance(result["results"], RawJson):
        result["results"] = raw_json(result["results"])
    return pack({"result": result})


def pack(document: dict[str, Any]) -> Reply:
    """Return a document, which may contain raw parts, for the wire."""
    marker = secrets.token_hex(16)  # no text of the document can contain it
    values: list[bytes] = []

    def mark(value: Any) -> dict[str, int]:
        values.append(b"".join(value.pieces()))
        return {marker: len(values) - 1}

    return marker, json.dumps(document, default=mark), values


def unpack(reply: Reply) -> dict[str, Any]:
    """Return the document of a reply, with raw parts that are not parsed."""
    marker, text, values = reply

    def put(found: dict[str, Any]) -> Any:
        if marker not in found:
            return found
        value = values[found[marker]]
        return RawJson(lambda: iter((value,)), len(value))

    document: dict[str, Any] = json.loads(text, object_hook=put)
    return document


# -- in the worker ----------------------------------------------------------------------------


def _engine(setup: str, worker: Worker) -> ProcessEngine:
    """Return the simulators of this worker for a server; they end with the worker."""
    with _engines_lock:
        if setup not in _engines:
            asked, threads = json.loads(setup), worker.state.nthreads
            limits = WorkerLimits.for_workers(threads, asked["result_bytes"])
            if stated := worker.memory_manager.memory_limit:
                share = max(MIN_MEMORY_BYTES, stated // 2 // threads)
                limits = replace(limits, memory_bytes=min(limits.memory_bytes, share))
            options = DeviceOptions.from_json(asked["options"])
            _engines[setup] = ProcessEngine(threads, options, limits)
        return _engines[setup]


@contextmanager
def _ended_if_unwanted(
    engine: ProcessEngine, worker: Worker, key: str, unwanted: threading.Event
) -> Iterator[None]:
    done = threading.Event()
    # A worker with little memory left is paused: it gets no new parts.
    working = (Status.running, Status.paused)

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            state = worker.state.tasks.get(key)
            if worker.status not in working or state is None or state.state != "executing":
                unwanted.set()
                engine.cancel(key)

    watcher = threading.Thread(target=watch, name=f"watch {key}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
