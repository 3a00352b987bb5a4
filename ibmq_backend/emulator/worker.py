"""The worker process: reads jobs as JSON lines, writes results as JSON lines.

Started as `python -m ibmq_backend.emulator.worker` by `ProcessEngine`. Requests on standard input:
`{"job_id", "kind", "device", "qobj", "seed"}`. Replies on the original standard output: first
`{"ready": true}`, then for each request `{"result": ...}`, `{"refused": {"message", "code"}}` or
`{"error": {"message", "code"}}`. Whatever libraries print goes to standard error. The process ends
when its input ends: between jobs everywhere, on Linux in the middle of a job too, so that nothing
computes on for a process that was killed.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["main"]

_LOG = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Serve requests until standard input ends.

    Args:
        arguments: number of threads, then snapshot folders; the command line if None.

    Returns:
        The exit status, 0 after a normal end, 3 if the devices cannot be loaded.
    """
    # An interrupt at the terminal is the parent's business; it closes our input when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threads, *folders = sys.argv[1:] if arguments is None else arguments
    replies = _take_over_stdout()
    # Imported after standard output is out of reach; it takes two seconds.
    from .simulation import Simulator
    from .snapshots import SnapshotError

    try:
        simulator = Simulator(tuple(Path(folder) for folder in folders), int(threads))
    except SnapshotError as error:
        _send(replies, {"failed": str(error)})
        return 3
    simulator.warm_up()
    try:
        _send(replies, {"ready": True})
        for line in sys.stdin.buffer:
            with _ending_with_the_input():
                reply = _answer(simulator, json.loads(line))
            _send(replies, reply)
    except BrokenPipeError:
        _LOG.info("the parent process has gone")
    return 0


def _answer(simulator: Any, request: dict[str, Any]) -> dict[str, Any]:
    from .devices import UnknownDevice
    from .validation import JobRefused

    try:
        run = simulator.sample if request.get("kind") == "sampler" else simulator.run
        result = run(request["job_id"], request["device"], request["qobj"], request["seed"])
    except JobRefused as error:
        return {"refused": {"message": error.message, "code": error.code}}
    except UnknownDevice as error:
        return {"error": {"message": str(error), "code": 1007}}
    except Exception as error:
        # The worker is the last line: the job must end with a reason, the next must still run.
        _LOG.exception("job %s failed", request.get("job_id"))
        message = f"The simulation failed ({type(error).__name__}: {error})"
        return {"error": {"message": message, "code": 5204}}
    return {"result": result}


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


def _send(replies: IO[bytes], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")
    replies.flush()


if __name__ == "__main__":
    sys.exit(main())
