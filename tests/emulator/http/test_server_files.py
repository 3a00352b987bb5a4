"""The files of examples/server: the unit, the container, backup and restore."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.cli.__main__ import build_parser
from ibmq_backend.emulator.monitoring.monitor import HEALTH_PATH
from tests.emulator.http.test_serve import Process, long_job
from tests.support.emulator import Client
from tests.support.secret_files import write_secret

ROOT = Path(__file__).parents[3]
SERVER = ROOT / "examples" / "server"
ACCOUNTS = '[[user]]\nname = "ada"\ntoken = "one"\n'


def read_unit() -> dict[str, str]:
    """Return the settings of the unit."""
    text = (SERVER / "ibmq-backend.service").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def container_lines() -> list[tuple[str, str]]:
    """Return the instructions of the Containerfile with their arguments."""
    lines = (SERVER / "Containerfile").read_text().splitlines()
    split = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(word, arguments) for word, _, arguments in split]


def test_the_unit() -> None:
    unit = read_unit()
    program, *arguments = shlex.split(unit["ExecStart"])
    assert Path(program).name == "ibmq-backend"
    options = build_parser().parse_args(arguments)
    assert str(options.store).startswith(f"/var/lib/{unit['StateDirectory']}/")
    # What the simulators need for their isolation, see engine.worker_isolation.
    assert unit["RestrictNamespaces"].split() == ["user", "net"]
    assert "ProcSubset" not in unit
    if shutil.which("systemd-analyze"):
        command = ["systemd-analyze", "verify", SERVER / "ibmq-backend.service"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        complaints = [line for line in said.splitlines() if "is not executable" not in line]
        assert complaints == []


def test_the_container(tmp_path: Path) -> None:
    instructions = container_lines()
    for arguments in (value for word, value in instructions if word == "COPY"):
        *sources, _target = arguments.split()
        for source in sources:
            copied = tmp_path / source
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, copied, ignore=shutil.ignore_patterns("*.pyc"))
            else:
                shutil.copy(ROOT / source, copied)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = ROOT / "ibmq_backend" / "emulator" / "pages"
    assert {str(one.relative_to(ROOT)) for one in shipped.rglob("*.html")} <= names
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    run = " ".join(value for word, value in instructions if word == "RUN")
    wanted = re.search(r'pip install --no-cache-dir "/src\[(.+?)\]"', run)
    assert wanted is not None
    assert set(wanted[1].split(",")) <= extras.keys()
    by_word = dict(instructions)
    program, *arguments = json.loads(by_word["ENTRYPOINT"]) + json.loads(by_word["CMD"])
    assert program == "ibmq-backend"
    options = build_parser().parse_args(arguments)
    assert options.store.startswith(f"{by_word['VOLUME']}/")
    assert str(options.port) == by_word["EXPOSE"]
    assert by_word["USER"] in run


def test_the_check_of_the_container(tmp_path: Path) -> None:
    (check,) = [value for word, value in container_lines() if word == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])
    assert f"127.0.0.1:8000{HEALTH_PATH}" in command[-1]
    server = Process("--store", str(tmp_path / "s.sqlite"), "--workers", "0")
    try:
        here = command[-1].replace("http://127.0.0.1:8000", server.url)
        python = [sys.executable, *command[1:-1], here]
        assert subprocess.run(python, check=False).returncode == 0
    finally:
        server.end(signal.SIGTERM)
    assert subprocess.run(python, check=False, capture_output=True).returncode == 1


def job_of_a_second() -> dict[str, Any]:
    """Return a job that runs long enough to be copied meanwhile."""
    job: dict[str, Any] = long_job()
    circuit = job["experiments"][0]
    circuit["instructions"] = circuit["instructions"][:150] + circuit["instructions"][-20:]
    return job


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts."""
    command = [str(SERVER / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_backup_and_restore_of_a_running_server(tmp_path: Path) -> None:
    new = str(tmp_path / "new.sqlite")
    backed_up_and_restored(tmp_path, f"sqlite:///{tmp_path / 'jobs.sqlite'}", new)
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.postgres
def test_backup_and_restore_of_postgresql(
    tmp_path: Path, postgres_url: str, postgres_server: str
) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump here")
    import psycopg

    with psycopg.connect(postgres_server.format(name="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    backed_up_and_restored(tmp_path, postgres_url, postgres_server.format(name="restored"))


def backed_up_and_restored(tmp_path: Path, store: str, new: str) -> None:
    """A server on the copy has the jobs and the logins, and finishes what was unfinished."""
    accounts = write_secret(tmp_path / "class.toml", ACCOUNTS)
    options = ("--accounts", str(accounts), "--lease-seconds", "1")
    server = Process("--store", store, *options)
    try:
        client = Client(server.url, "one")
        done = client.submit()
        client.wait(done)
        before, result = client.job(done), client.result(done)
        running = client.submit(job_of_a_second(), backend="ibmq_qasm_simulator")
        client.wait(running, "RUNNING")
        copied = run("backup", store, tmp_path / "copy")
        assert copied.returncode == 0, copied.stderr
        again = run("backup", store, tmp_path / "copy")
        assert (again.returncode, again.stderr) == (1, f"backup: {tmp_path}/copy exists already\n")
        later = client.submit()
    finally:
        server.end(signal.SIGKILL)
    if "://" not in new:
        for suffix in ("", "-wal", "-shm"):  # as of an earlier server on the new machine
            Path(f"{new}{suffix}").write_bytes(b"of another database")
    restored = run("restore", new, tmp_path / "copy")
    assert restored.returncode == 0, restored.stderr
    server = Process("--store", new, *options)
    try:
        client.http.base_url = server.url
        assert client.job(done) == before
        assert client.result(done) == result
        assert client.wait(running)["status"] == "COMPLETED"
        assert client.get(f"P/Jobs/{later}/v/1").status_code == 404
        assert Client(server.url, "one").user_id == client.user_id
    finally:
        server.end(signal.SIGTERM)


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    failed = run("backup", tmp_path / "none.sqlite", tmp_path / "copy")
    assert failed.returncode != 0
    assert list(tmp_path.iterdir()) == []
