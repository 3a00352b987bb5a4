"""The worker process: reads jobs as JSON lines, writes results as JSON lines and raw text.

Started as `python -m ibmq_backend.emulator.engine.worker` by `ProcessEngine`.
Requests on standard input:
`{"job_id", "kind", "device", "qobj", "seed", "seconds"}`. Replies on the original standard output:
first `{"ready": true}`, then for each request `{"result": ...}`, `{"refused": {"message", "code"}}`
or `{"error": {"message", "code"}}`. A result of more than a megabyte lacks the value at `bulk.path`
and is followed by it: `{"result": ..., "bulk": {"path", "size"}}`, the end of the line, and `size`
bytes of JSON. A reply with `"spent": true` is the last one that is worth waiting for: the job left
the process with too little memory for others.

Whatever libraries print goes to standard error. The process ends when its input ends: between jobs
everywhere, on Linux in the middle of a job too, so that nothing computes on for a process that was
killed.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.checks.result_size import json_array, size_text
from ibmq_backend.emulator.core.big_json import SMALL
from ibmq_backend.emulator.core.raw_json import RawJson, json_pieces
from ibmq_backend.emulator.engine.worker_limits import (
    MAX_HEAD_BYTES,
    WorkerLimits,
    confine,
    limit_cpu_seconds,
    most_idle_bytes,
    out_of_memory,
    used_bytes,
)

if TYPE_CHECKING:
    from ibmq_backend.emulator.engine.runners import Runner
    from ibmq_backend.emulator.simulation.simulator import Simulator

__all__ = ["main"]

_LOG = logging.getLogger(__name__)

_NESTED_TOO_DEEPLY = 1101
_SIMULATOR_FAILED = 5204

Document = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Serve requests until standard input ends.

    Args:
        arguments: number of threads, limits as JSON, then snapshot folders; the command line if
            None.

    Returns:
        The exit status, 0 after a normal end, 3 if the devices cannot be loaded.
    """
    # An interrupt at the terminal is the parent's business; it closes our input when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threads_text, limits_text, *folders = sys.argv[1:] if arguments is None else arguments
    threads = int(threads_text) or os.cpu_count() or 1
    limits = WorkerLimits.from_json(limits_text)
    replies = _take_over_stdout()
    # Imported after standard output is out of reach; it takes two seconds.
    from ibmq_backend.emulator.devices.snapshots import SnapshotError
    from ibmq_backend.emulator.engine.runners import RUNNERS
    from ibmq_backend.emulator.simulation.simulator import Simulator

    try:
        simulator = Simulator(
            tuple(Path(folder) for folder in folders),
            threads,
            limits.memory_bytes,
            limits.result_bytes,
        )
    except SnapshotError as error:
        _send(replies, {"failed": str(error)})
        return 3
    simulator.warm_up()
    confine(limits, threads)
    most_bytes = most_idle_bytes(limits, threads)
    try:
        _send(replies, {"ready": True})
        for line in sys.stdin.buffer:
            with _ending_with_the_input():
                reply, bulk = _answer(simulator, RUNNERS, limits, threads, line)
            if used_bytes() > most_bytes:
                reply["spent"] = True
            _send(replies, reply, bulk)
    except BrokenPipeError:
        _LOG.info("the parent process has gone")
    return 0


def _answer(
    simulator: Simulator,
    runners: Mapping[str, Runner],
    limits: WorkerLimits,
    threads: int,
    line: bytes,
) -> tuple[Document, list[bytes]]:
    """Run one job; return the reply and the bulk that follows it."""
    from ibmq_backend.emulator.devices.catalog import UnknownDevice

    try:
        request = json.loads(line)
        seconds = request.get("seconds")
        limit_cpu_seconds(None if seconds is None else seconds * threads)
        runner = runners[request["kind"]]
        result = runner.run(
            simulator, request["job_id"], request["device"], request["qobj"], request["seed"]
        )
        return _encoded(result, runner, limits.result_bytes)
    except JobRefused as error:
        return _refusal(error), []
    except UnknownDevice as error:
        return _failure(str(error), 1007), []
    except MemoryError:
        _LOG.exception("a job ran out of memory")
        return _failure(out_of_memory(limits), _SIMULATOR_FAILED), []
    except RecursionError:
        return _refusal(JobRefused("The job is nested too deeply", _NESTED_TOO_DEEPLY)), []
    except Exception as error:
        # The worker is the last line: the job must end with a reason, the next must still run.
        _LOG.exception("a job failed")
        message = f"The simulation failed ({type(error).__name__}: {error})"
        return _failure(shortened(message), _SIMULATOR_FAILED), []


def _refusal(error: JobRefused) -> Document:
    return {"refused": {"message": error.message, "code": error.code}}


def _failure(message: str, code: int) -> Document:
    return {"error": {"message": message, "code": code}}


def _encoded(result: Document, runner: Runner, limit: int) -> tuple[Document, list[bytes]]:
    """Write the results of the circuits as text, within the limit."""
    *parents, name = path = list(runner.largest(result))
    holder = result
    for parent in parents:
        holder = holder[parent]
    bulk = json_array(holder.pop(name), limit, runner.too_large)
    size = sum(map(len, bulk))
    head_size = len(json.dumps(result))
    if head_size > MAX_HEAD_BYTES:
        raise JobRefused(
            f"The header of the job takes {size_text(head_size)}, at most "
            f"{size_text(MAX_HEAD_BYTES)} are possible",
            runner.too_large,
        )
    if size > SMALL:
        holder[name] = None
        return {"result": result, "bulk": {"path": path, "size": size}}, bulk
    holder[name] = RawJson(lambda: iter(bulk), size)
    return {"result": result}, []


@contextmanager
def _ending_with_the_input() -> Iterator[None]:
    """Let the system end this process if its input ends meanwhile.

    A simulation lets no other thread of ours look, so the signal keeps its default action. Nothing
    but the end can come in: the next request is written after the reply.
    """
    if sys.platform != "linux":
        yield
        return
    import fcntl

    descriptor = sys.stdin.fileno()
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        yield
    finally:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)


def _take_over_stdout() -> IO[bytes]:
    """Keep standard output for replies and let everything else print to standard error."""
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return private


def _send(replies: IO[bytes], reply: Document, bulk: Iterable[bytes] = ()) -> None:
    replies.writelines(json_pieces(reply))
    replies.write(b"\n")
    replies.writelines(bulk)
    replies.flush()


if __name__ == "__main__":
    sys.exit(main())
