"""A server with a fault file announces it and injects the faults; it refuses an invalid file."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ibmq_backend.emulator.__main__ import main
from tests.support.raw_http import send

ROOT = Path(__file__).parents[3]
FILE = """
[[fault]]
operation = "getVersion"
calls = "1"
kind = "status"
status = 503

[[fault]]
operation = "getVersion"
calls = "3-"
kind = "stall"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "faults.toml"
    path.write_text(FILE)
    return path


@pytest.fixture(params=["ibmq_backend.emulator", "ibmq_backend.cli serve"])
def server(
    request: pytest.FixtureRequest, file: Path, tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    module, *command = request.param.split()
    store = ["--store", str(tmp_path / "store.sqlite"), "--port", "0", "--workers", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", module, *command, *store, "--faults", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        yield process
        if process.poll() is None:
            process.kill()


def test_a_server_with_faults(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    line = server.stdout.readline()
    url = line.split(" at ")[1].split("/api")[0]
    assert any("injects the 2 faults of the script" in line for line in server.stdout)
    statuses = [httpx.get(f"{url}/version", trust_env=False) for _ in range(2)]
    assert [reply.status_code for reply in statuses] == [503, 200]
    assert statuses[1].json()["emulator"] == "ibmq_backend with scripted faults"
    with send(url, "GET", "/version") as wire:
        wire.read_until(b"\r\n\r\n{")
        server.send_signal(signal.SIGTERM)
        assert wire.read() == "closed"
        assert not wire.received.endswith(b"}")
    _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert errors == ""


def test_a_bad_file(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FILE.replace("getVersion", "getVersions2"))
    store = tmp_path / "store.sqlite"
    assert main(["--port", "0", "--store", str(store), "--faults", str(file)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: fault file {file}: entry 1 (getVersions2): the key 'operation'")
    assert "getVersion" in said
    assert not store.exists()
