"""Leads the official client of today (``qiskit-ibm-runtime``) to an emulator on this machine.

That client needs a newer Qiskit than the emulator, so the emulator is a process of another
interpreter. The client is left as it is: it asks IBM's hosts by their names, and the library under
it sends each request to the emulator instead, with the name of the host in the header ``Host``, by
which the emulator tells the regions apart. Nothing here needs Qiskit.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import pytest

from ibmq_backend.testing.environment import account_environment

PYTHON_VARIABLE: Final = "IBMQ_BACKEND_PYTHON"
"""The interpreter that has the emulator, when the ini option ``ibmq_python`` names none."""

INSTANCE: Final = "premium-instance"
"""An instance of the emulator without limits."""

_DOMAIN: Final = "cloud.ibm.com"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_END_OF_LOG: Final = 2000


@dataclass(frozen=True)
class LocalPlatform:
    """The emulator as the official client sees it.

    Attributes:
        root: its address on this machine, without a path.
        api_key: of a user of this test's own: no other test sees its jobs.
        instance: name of an instance without limits.
    """

    root: str
    api_key: str = field(repr=False)
    instance: str = INSTANCE

    @property
    def channel(self) -> str:
        """The channel to give to the client."""
        return "ibm_quantum_platform"


@contextmanager
def served(python: str, folder: Path) -> Iterator[str]:
    """An emulator in a process of its own, on a free port of this machine.

    Args:
        python: interpreter that has it; empty: that of ``IBMQ_BACKEND_PYTHON``, else this one.
        folder: for its database and log.

    Yields:
        Its address without a path.

    Raises:
        RuntimeError: it does not start; says what it wrote.
    """
    interpreter = python or os.environ.get(PYTHON_VARIABLE) or sys.executable
    log = folder / "server.log"
    command = [interpreter, "-m", "ibmq_backend.emulator", "--port", "0"]
    command += ["--store", str(folder / "jobs.sqlite")]
    command += ["--open", "--allowed-host", _DOMAIN, "--allowed-host", f"*.{_DOMAIN}"]
    try:
        with log.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603  (the user's own choice of interpreter)
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
    except OSError as error:
        raise RuntimeError(f"{interpreter} cannot be run: {error}. {_ADVICE}") from None
    try:
        found = re.search(r"(http://\S+)/identity/token", _first_line(process))
        if found is None:
            said = log.read_text(encoding="utf-8", errors="replace")[-_END_OF_LOG:]
            raise RuntimeError(f"The emulator did not start. {_ADVICE}\n{said}")
        yield found[1]
    finally:
        _stop(process)


_ADVICE: Final = (
    "Name an interpreter that has ibmq-backend[local] with the ini option ibmq_python or the "
    f"environment variable {PYTHON_VARIABLE}."
)


@contextmanager
def local_platform(root: str, home: Path) -> Iterator[LocalPlatform]:
    """Lead the client's requests to an emulator, and its look for an account to a key of its own.

    Args:
        root: address of the emulator.
        home: folder to stand for the user's own.

    Raises:
        RuntimeError: there is no client to lead.
    """
    place = LocalPlatform(root, secrets.token_hex(22))
    variables = {
        "QISKIT_IBM_CHANNEL": place.channel,
        "QISKIT_IBM_TOKEN": place.api_key,
        "QISKIT_IBM_INSTANCE": place.instance,
    }
    with account_environment(home, variables) as patch:
        _redirect(patch, root)
        yield place


def _redirect(patch: pytest.MonkeyPatch, root: str) -> None:
    try:
        adapters: Any = import_module("requests.adapters")
    except ModuleNotFoundError:
        raise RuntimeError(
            "local_platform is for clients that use requests, such as qiskit-ibm-runtime; it is "
            "not installed here. For ibmq_backend itself use local_ibmq."
        ) from None
    send, there = adapters.HTTPAdapter.send, urlsplit(root)

    def send_there(adapter: Any, request: Any, *args: Any, **options: Any) -> Any:
        asked = urlsplit(request.url)
        host = asked.hostname or ""
        if host != _DOMAIN and not host.endswith(f".{_DOMAIN}"):
            return send(adapter, request, *args, **options)
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit((there.scheme, there.netloc, asked.path, asked.query, ""))
        return send(adapter, request, *args, **options)

    patch.setattr(adapters.HTTPAdapter, "send", send_there)


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    told = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            lines.append(stream.readline())
            told.set()
            for _ in stream:  # so that the emulator never waits for a reader
                pass

    threading.Thread(target=read, daemon=True).start()
    told.wait(_START_SECONDS)
    return lines[0] if lines else ""


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
