"""The worker process: parses jobs, runs or inspects them, and writes JSON replies.

Started as ``python -m ibmq_backend.emulator.engine.worker`` by ``WorkerProcess``, either to run or
to inspect jobs. A request on standard input is one line of JSON,
``{"job_id", "kind", "device", "seed", "circuit", "part", "seconds", "size"}``, followed by
``size`` bytes: the data of the job as the client sent it. Replies on the original standard output:
first ``{"ready": true}``, then for each request ``{"result": ...}``, ``{"refused": {"message",
"code"}}``, ``{"out_of_memory": true}`` or ``{"error": {"message", "code"}}``. A result of more than
a megabyte lacks the value at ``bulk.path`` and is followed by it:
``{"result": ..., "bulk": {"path", "size"}}``, the end of the line, and ``size`` bytes of JSON.
After a reply with ``"spent": true`` the process must be replaced: the job left too little memory
for another one.

Everything that libraries print goes to standard error. The process ends when its input ends:
between jobs on every system, on Linux also during a job, so that nothing computes for a service
that was killed.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.checks.result_size import json_array, size_text
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import RawJson, json_pieces
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.deferred_scipy import deferred_optimizers
from ibmq_backend.emulator.engine.task_handlers import (
    Document,
    Handler,
    TaskHead,
    read_document,
)
from ibmq_backend.emulator.engine.worker_limits import (
    MAX_HEAD_BYTES,
    WorkerLimits,
    confine,
    limit_cpu_seconds,
    max_idle_bytes,
    used_bytes,
)

__all__ = ["INSPECT", "RUN", "main"]

RUN: Final = "run"
INSPECT: Final = "inspect"

_log: Final = logging.getLogger(__name__)

_MAX_INLINE_BYTES: Final = 1 << 20


def main(arguments: list[str] | None = None) -> int:
    """Serve requests until standard input ends.

    Args:
        arguments: the role (``run`` or ``inspect``), number of threads, limits and
            options of the devices as JSON; the command line if None.

    Returns:
        The exit status, 0 after a normal end, 3 if the devices cannot be loaded.
    """
    # The parent handles an interrupt at the terminal and closes our input when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    role, threads_text, limits_text, options_text = sys.argv[1:] if arguments is None else arguments
    threads = int(threads_text) or os.cpu_count() or 1
    limits = WorkerLimits.from_json(limits_text)
    options = DeviceOptions.from_json(options_text)
    replies = _take_over_stdout()
    # The collector would go through what is imported again and again; it all stays.
    gc.disable()
    from ibmq_backend.emulator.devices.snapshots import SnapshotError

    try:
        context, handlers = _load(role, options, threads, limits)
    except SnapshotError as error:
        _send(replies, {"failed": str(error)})
        return 3
    gc.freeze()
    gc.enable()
    confine(limits, threads)
    max_bytes = max_idle_bytes(limits, threads)
    requests = sys.stdin.buffer
    try:
        _send(replies, {"ready": True})
        while line := requests.readline():
            request = json.loads(line)
            content = requests.read(request["size"])
            if len(content) < request["size"]:
                break
            with _ended_with_the_input():
                reply, bulk = _answer(context, handlers, limits, threads, request, content)
            del content
            if used_bytes() > max_bytes:
                reply["spent"] = True
            _send(replies, reply, bulk)
    except BrokenPipeError:
        _log.info("the parent process has gone")
    return 0


def _load(
    role: str, options: DeviceOptions, threads: int, limits: WorkerLimits
) -> tuple[Any, Mapping[str, Handler]]:
    """Import what the role needs; Aer takes a second."""
    if role == INSPECT:
        from ibmq_backend.emulator.devices.catalog import Catalog
        from ibmq_backend.emulator.engine.inspectors import INSPECTORS

        return Catalog(options), INSPECTORS
    with deferred_optimizers():
        from ibmq_backend.emulator.engine.runners import RUNNERS
        from ibmq_backend.emulator.simulation.simulator import Simulator

    simulator = Simulator(options, threads, limits.memory_bytes, limits.result_bytes)
    simulator.warm_up()
    return simulator, RUNNERS


def _answer(
    context: Any,
    handlers: Mapping[str, Handler],
    limits: WorkerLimits,
    threads: int,
    request: Document,
    content: bytes,
) -> tuple[Document, list[bytes]]:
    """Handle one task; return the reply and the bulk that follows it."""
    from ibmq_backend.emulator.devices.catalog import UnknownDevice

    try:
        seconds = request.get("seconds")
        limit_cpu_seconds(None if seconds is None else seconds * threads)
        handler = handlers[request["kind"]]
        document = read_document(content, handler.subject)
        part = request.get("part")
        head = TaskHead(
            request["job_id"],
            request["device"],
            request["seed"],
            request.get("circuit", 0),
            None if part is None else range(*part),
        )
        return _encoded(handler.handle(context, head, document), handler, limits.result_bytes)
    except JobRefused as error:
        return _refusal(error), []
    except UnknownDevice as error:
        return _failure(str(error), ErrorCode.DEVICE_UNKNOWN), []
    except MemoryError:
        _log.exception("a job ran out of memory")
        return {"out_of_memory": True}, []
    except RecursionError:
        return _refusal(JobRefused("The job is nested too deeply", ErrorCode.SCHEMA)), []
    except Exception as error:
        # The job must end with a reason, and the next one must still run.
        _log.exception("a job failed")
        message = f"The simulation failed ({type(error).__name__}: {error})"
        return _failure(shortened(message), ErrorCode.SIMULATOR_FAILED), []


def _refusal(error: JobRefused) -> Document:
    return {"refused": {"message": error.message, "code": error.code}}


def _failure(message: str, code: ErrorCode) -> Document:
    return {"error": {"message": message, "code": code}}


def _encoded(result: Document, handler: Handler, limit: int) -> tuple[Document, list[bytes]]:
    """Write the large value of a result as text, within the limit."""
    path = list(handler.large_value(result))
    bulk: list[bytes] = []
    if path:
        *parents, name = path
        holder = result
        for parent in parents:
            holder = holder[parent]
        bulk = _written(holder.pop(name), limit, handler)
    head_size = len(json.dumps(result))
    if head_size > MAX_HEAD_BYTES:
        raise JobRefused(
            f"The header of the job takes {size_text(head_size)}; the maximum is "
            f"{size_text(MAX_HEAD_BYTES)}",
            handler.too_large,
        )
    if not path:
        return {"result": result}, []
    size = sum(map(len, bulk))
    if size > _MAX_INLINE_BYTES:
        holder[name] = None
        return {"result": result, "bulk": {"path": path, "size": size}}, bulk
    holder[name] = RawJson(lambda: iter(bulk), size)
    return {"result": result}, []


def _written(value: Any, limit: int, handler: Handler) -> list[bytes]:
    if isinstance(value, list):
        return json_array(value, limit, handler.too_large)
    text = json.dumps(value, separators=(",", ":")).encode()
    if len(text) > limit:
        message = f"{handler.subject} is larger than {size_text(limit)}"
        raise JobRefused(message, handler.too_large)
    return [text]


@contextmanager
def _ended_with_the_input() -> Iterator[None]:
    """Let the system end this process if its standard input ends during the block.

    No Python code runs during a simulation, so the signal keeps its default action. Only the
    end can arrive, because the parent writes the next request after the reply.
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
    """Reserve standard output for replies and redirect all other output to standard error."""
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
