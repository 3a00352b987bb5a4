"""Ends a process that was started here."""

from __future__ import annotations

import subprocess
from typing import Any

_SECONDS = 10.0


def end(process: subprocess.Popen[Any]) -> None:
    """Ask a process to end, and make it if it does not; nothing when it has ended."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
