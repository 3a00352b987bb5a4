"""The worker program: requests in, replies out, and nothing else on its standard output."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.worker_isolation import isolated_command
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from tests.support.emulator import bell, long_job

SIMULATOR = "ibmq_qasm_simulator"
LIMITS = WorkerLimits()
MODULE = "ibmq_backend.emulator.engine.worker"
COMMAND = [sys.executable, "-P", "-m", MODULE, "run", "1", LIMITS.to_json()]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        isolated_command([*COMMAND, DeviceOptions().to_json()]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate()


def send(process: subprocess.Popen[bytes], device: str, document: Any, job: Any = "j") -> None:
    assert process.stdin is not None
    content = json.dumps(document).encode()
    head = {"job_id": job, "kind": "qobj", "device": device, "seed": 1, "size": len(content)}
    process.stdin.write(json.dumps(head).encode() + b"\n" + content)
    process.stdin.flush()


def ask(process: subprocess.Popen[bytes], device: str, document: Any, job: Any = "j") -> Any:
    assert process.stdout is not None
    send(process, device, document, job)
    return json.loads(process.stdout.readline())


def test_requests_and_replies(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdout is not None
    assert json.loads(worker.stdout.readline()) == {"ready": True}
    assert ask(worker, "ibmq_vigo", bell())["result"]["success"] is True
    assert ask(worker, "ibmq_vigo", None)["refused"]["code"] == 1101
    assert ask(worker, "nowhere", bell())["error"]["code"] == 1007
    broken = ask(worker, ["no", "name"], bell())["error"]
    assert broken["code"] == 5204
    assert "TypeError" in broken["message"]
    # An interrupt at the terminal reaches all processes there; the worker waits for its parent.
    worker.send_signal(signal.SIGINT)
    assert ask(worker, "ibmq_vigo", bell())["result"]["success"] is True
    rest, log = worker.communicate()  # closes its standard input
    assert rest == b""
    assert b"TypeError" in log
    assert worker.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no process of it")
def test_the_end_of_its_input_ends_it_in_the_middle_of_a_job(
    worker: subprocess.Popen[bytes],
) -> None:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.readline()
    send(worker, SIMULATOR, long_job())
    busy = psutil.Process(worker.pid).cpu_times().user + 3
    while psutil.Process(worker.pid).cpu_times().user < busy:
        time.sleep(0.05)
    worker.stdin.close()
    worker.stdin = None
    assert worker.wait(60) == -signal.SIGIO
    assert worker.stdout.read() == b""


def test_a_broken_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "conf_odd.json").write_text("{", encoding="utf-8")
    options = DeviceOptions((tmp_path,)).to_json()
    done = subprocess.run([*COMMAND, options], input=b"", capture_output=True, check=False)
    assert done.returncode == 3
    assert "conf_odd.json: is not JSON" in json.loads(done.stdout)["failed"]


def test_prints_of_libraries_do_not_disturb_the_replies(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from ibmq_backend.emulator.engine import worker\n"
        "replies = worker._take_over_stdout()\n"
        "print('from python', flush=True)\n"
        "os.write(1, b'from C')\n"
        "worker._send(replies, {'ready': True})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert json.loads(done.stdout) == {"ready": True}
    assert b"from python" in done.stderr
    assert b"from C" in done.stderr
