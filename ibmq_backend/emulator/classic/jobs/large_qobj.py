"""Large Qobjs, looked at in a process of their own.

A Qobj of 100 MB becomes millions of objects. To read it holds up every request for seconds, the
collector of garbage stops the process again and again as long as they live, and a hostile one
takes gigabytes. So the service itself keeps only the bytes, and a short-lived process with bounded
memory says of them what is needed.

Run as a module it is that process: the device as JSON and the bytes on standard input, the facts
as JSON on standard output.
"""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import IO, Any, Final

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.classic.documents.summaries import (
    circuits_of,
    requested_seed,
    shots_of,
    summarize,
)
from ibmq_backend.emulator.core.big_json import MOST_VALUES, holds_too_much
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.engine.worker_isolation import isolated_command, reduced_environment
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits, confine

_log: Final = logging.getLogger(__name__)

NOT_JSON: Final = 1101
_LIMITS: Final = WorkerLimits(memory_bytes=6 << 30)
MOST_SECONDS: Final = 60.0
"""Both attempts together: the jobs of all others wait. The largest uploads take ten seconds."""
_ATTEMPTS: Final = 2


@dataclass(frozen=True)
class QobjFacts:
    """What the service needs to know of a Qobj.

    Attributes:
        refusal: message and code, if the device would not run it; else None.
        shots: as it states; None where it does not.
        circuits: their number.
        seed: the seed that it asks for; None for none.
        summary: see :func:`~ibmq_backend.emulator.classic.documents.summaries.summarize`.
        top: its ``header`` and ``qobj_id``, as far as it has them.
    """

    refusal: tuple[str, int] | None
    shots: int | None
    circuits: int
    seed: int | None
    summary: dict[str, Any]
    top: dict[str, Any]


def inspect(device: Device, content: bytes) -> QobjFacts:
    """Look at an upload in another process.

    Args:
        device: the device that shall run it.
        content: the upload.

    Raises:
        JobRefused: it is not JSON, or needs more memory or time than a job may take.
    """
    if holds_too_much(content):
        raise JobRefused(f"The job holds more than {MOST_VALUES} values", NOT_JSON)
    question = device.to_json().encode()
    header = len(question).to_bytes(8, "big")
    end = time.monotonic() + MOST_SECONDS
    for _ in range(_ATTEMPTS):
        with subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            isolated_command([sys.executable, "-P", "-m", __name__]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=reduced_environment(),
        ) as process:
            left = max(0.0, end - time.monotonic())
            try:
                said, complaints = process.communicate(header + question + content, left)
            except subprocess.TimeoutExpired:
                process.kill()
                raise JobRefused("The job takes too long to be checked", NOT_JSON) from None
        if process.returncode == 0:
            return _facts(json.loads(said))
        reason = complaints.decode(errors="replace").strip()[-500:]
        _log.warning("a look at a large job ended with %s: %s", process.returncode, reason)
    raise JobRefused("The data of the job cannot be understood", NOT_JSON)


def look(device: Device, content: bytes) -> dict[str, Any]:
    """Return what :func:`inspect` is told: the facts, or ``refused`` with message and code."""
    try:
        qobj = json.loads(content)
    except (ValueError, RecursionError):
        return {"refused": ["The data of the job is not valid JSON", NOT_JSON]}
    except MemoryError:
        return {"refused": ["The job holds more than can be checked", NOT_JSON]}
    refusal = None
    try:
        validate(device, qobj)
    except JobRefused as refused:
        refusal = (refused.message, refused.code)
    told = qobj if isinstance(qobj, dict) else {}
    top = {name: told[name] for name in ("header", "qobj_id") if name in told}
    return asdict(
        QobjFacts(
            refusal, shots_of(qobj), circuits_of(qobj), requested_seed(qobj), summarize(qobj), top
        )
    )


def _facts(told: dict[str, Any]) -> QobjFacts:
    if "refused" in told:
        message, code = told["refused"]
        raise JobRefused(message, code)
    refusal = told["refusal"]
    return QobjFacts(**{**told, "refusal": tuple(refusal) if refusal else None})


def main(questions: IO[bytes] = sys.stdin.buffer) -> None:
    """Answer one question; see the description of this module."""
    gc.disable()  # what is read has no cycles, and the process ends when it has answered
    confine(_LIMITS, threads=1)
    size = int.from_bytes(questions.read(8), "big")
    device = Device.from_json(questions.read(size))
    sys.stdout.write(json.dumps(look(device, questions.read())))


if __name__ == "__main__":
    main()
