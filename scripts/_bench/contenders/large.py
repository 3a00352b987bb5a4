"""Fetch one large result in this process and print its cost as JSON.

python large.py fetch           of a job of one circuit, from the stub
python large.py run             of 900 circuits with 8192 shots and memory, from an emulator
python large.py decode FILE     orjson and ``Result.from_dict`` alone
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bell import bell_circuit, bell_qobj
from driver import TOKEN, URL

CIRCUITS, SHOTS = 900, 8192


def memory(name: str) -> int:
    """Return the bytes of a line of ``/proc/self/status``."""
    text = Path("/proc/self/status").read_text()
    return 1024 * int(text.partition(f"{name}:")[2].split()[0])


def submitted(*arguments: Any, device: str = "ibmq_vigo", **options: Any) -> Any:
    """Return a job of the service."""
    logging.disable()
    from ibmq_backend import IBMQ

    return IBMQ.enable_account(TOKEN, URL).get_backend(device).run(*arguments, **options)


def measured(fetch: Callable[[], Any]) -> dict[str, float]:
    """Return the CPU of a call and by how much memory grew at most."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before, cpu, started = memory("VmRSS"), time.process_time(), time.perf_counter()
    result = fetch()
    figures = {
        "cpu_ms": 1000 * (time.process_time() - cpu),
        "wall_ms": 1000 * (time.perf_counter() - started),
        "peak_bytes": memory("VmHWM") - before,
    }
    assert result.success
    return figures


if __name__ == "__main__":
    import orjson
    import qiskit.result  # a measurement must not import it

    match sys.argv[1:]:
        case ["fetch"]:
            sys.stdout.write(json.dumps(measured(submitted(bell_qobj()).result)))
        case ["run"]:
            circuits = [bell_circuit() for _ in range(CIRCUITS)]
            job = submitted(circuits, device="ibmq_valencia", shots=SHOTS, memory=True)
            job.wait_for_final_state()
            figures = measured(job.result)
            size = len(orjson.dumps(job.result().to_dict(), default=str))
            sys.stdout.write(json.dumps({**figures, "bytes": size}))
        case ["decode", file]:
            document = Path(file).read_bytes()
            sys.stdout.write(
                json.dumps(measured(lambda: qiskit.result.Result.from_dict(orjson.loads(document))))
            )
