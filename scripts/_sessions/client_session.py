"""A client of others against the emulator: its home, its service, its report, its end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_EXIT_SECONDS = 15.0


def leave_after(name: str, session: Callable[[str, Path], tuple[int, int]]) -> NoReturn:
    """Run a session in a home of its own and end with 0 when every step passed.

    Args:
        name: Of the session.
        session: Called with the interpreter that has the emulator and an empty folder; says how
            many steps passed and how many failed.
    """
    parser = argparse.ArgumentParser(prog=f"scripts/{name}")
    parser.add_argument("python", help="interpreter that has the emulator")
    python = parser.parse_args().python
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    warnings.simplefilter("ignore")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        # A client computes the path of its file of accounts when it is imported.
        os.environ["HOME"] = folder
        for variable in [one for one in os.environ if one.startswith(("QE_", "QISKIT_"))]:
            del os.environ[variable]
        passed, failed = session(python, Path(folder))
    print(f"{time.monotonic() - begun:.0f} s\n{passed} passed, {failed} failed")
    _leave(0 if passed and not failed else 1)


def _leave(status: int) -> NoReturn:
    """End even if a thread of the client still waits for a job."""
    sys.stdout.flush()
    sys.stderr.flush()
    timer = threading.Timer(_EXIT_SECONDS, os._exit, (status,))
    timer.daemon = True
    timer.start()
    sys.exit(status)
