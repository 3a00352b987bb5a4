"""The fixture ``local_platform``: connect ``qiskit-ibm-runtime`` to an emulator.

That client needs a newer Qiskit than the emulator, so the emulator runs in a process with another
interpreter. The client is not changed, but ``requests``, which it uses, is patched to redirect
requests for IBM's hosts to the emulator. The header ``Host`` keeps the name of the host, from which
the emulator knows the region. This module does not need Qiskit.
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
"""The variable that names the interpreter with the emulator, if ``ibmq_python`` is not set."""

INSTANCE: Final = "premium-instance"
"""The name of an instance of the emulator without limits."""

_DOMAIN: Final = "cloud.ibm.com"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_MAX_LOG_CHARACTERS: Final = 2000


@dataclass(frozen=True)
class LocalPlatform:
    """The emulator for the official client.

    Attributes:
        root: base URL of the emulator.
        api_key: API key of a user for this test only, so no other test sees the jobs.
        instance: name of an instance without limits.
    """

    root: str
    api_key: str = field(repr=False)
    instance: str = INSTANCE

    @property
    def channel(self) -> str:
        """The channel for the client."""
        return "ibm_quantum_platform"


@contextmanager
def running_server(python: str, folder: Path) -> Iterator[str]:
    """Run an emulator in a process, on a free port of this machine.

    Args:
        python: interpreter with the emulator; if empty, that of ``IBMQ_BACKEND_PYTHON`` or this
            one.
        folder: folder for database and log.

    Yields:
        The base URL.

    Raises:
        RuntimeError: the emulator does not start; the message contains the end of its log.
    """
    interpreter = python or os.environ.get(PYTHON_VARIABLE) or sys.executable
    log = folder / "server.log"
    command = [interpreter, "-m", "ibmq_backend.emulator", "--port", "0"]
    command += ["--store", str(folder / "jobs.sqlite")]
    command += ["--open", "--allowed-host", _DOMAIN, "--allowed-host", f"*.{_DOMAIN}"]
    try:
        with log.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603  (the user chose the interpreter)
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
    except OSError as error:
        raise RuntimeError(f"{interpreter} cannot be run: {error}. {_NEXT_STEP}") from None
    try:
        found = re.search(r" at (http://\S+?)/api\b", _first_line(process))
        if found is None:
            tail = log.read_text(encoding="utf-8", errors="replace")[-_MAX_LOG_CHARACTERS:]
            raise RuntimeError(f"The emulator did not start. {_NEXT_STEP}\n{tail}")
        yield found[1]
    finally:
        _stop(process)


_NEXT_STEP: Final = (
    "Name an interpreter that has this package with its extra local: the ini option ibmq_python or "
    f"the environment variable {PYTHON_VARIABLE}."
)


@contextmanager
def local_platform(root: str, home: Path) -> Iterator[LocalPlatform]:
    """Send the requests of the client to an emulator, and set an account for it.

    Args:
        root: base URL of the emulator.
        home: home folder of the program, in place of the user's.

    Raises:
        RuntimeError: ``requests`` is not installed.
    """
    platform = LocalPlatform(root, secrets.token_hex(22))
    variables = {
        "QISKIT_IBM_CHANNEL": platform.channel,
        "QISKIT_IBM_TOKEN": platform.api_key,
        "QISKIT_IBM_INSTANCE": platform.instance,
    }
    with account_environment(home, variables) as patch:
        _redirect(patch, root)
        yield platform


def _redirect(patch: pytest.MonkeyPatch, root: str) -> None:
    try:
        adapters: Any = import_module("requests.adapters")
    except ModuleNotFoundError:
        raise RuntimeError(
            "local_platform needs the package requests, which qiskit-ibm-runtime uses; it is not "
            "installed. To test programs that use ibmq_backend, use local_ibmq."
        ) from None
    send, target = adapters.HTTPAdapter.send, urlsplit(root)

    def send_to_emulator(adapter: Any, request: Any, *args: Any, **options: Any) -> Any:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host != _DOMAIN and not host.endswith(f".{_DOMAIN}"):
            return send(adapter, request, *args, **options)
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit((target.scheme, target.netloc, parts.path, parts.query, ""))
        return send(adapter, request, *args, **options)

    patch.setattr(adapters.HTTPAdapter, "send", send_to_emulator)


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    has_line = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            lines.append(stream.readline())
            has_line.set()
            for _ in stream:  # the emulator would block on a full pipe
                pass

    threading.Thread(target=read, daemon=True).start()
    has_line.wait(_START_SECONDS)
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
