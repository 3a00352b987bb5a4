"""The unmodified official client of today against the emulator, step by step.

Runs in the client's environment: ``session.py PYTHON``, where PYTHON is the interpreter that has
the emulator. Ends with 0 when every step passed.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

# What the sessions of both clients share lies with the older one.
sys.path.append(str(Path(__file__).resolve().parents[1] / "_original_client"))

_STEP_SECONDS = 60.0
_SESSION_SECONDS = 240.0
_EXIT_SECONDS = 15.0


def main() -> int:
    """Run the session.

    Returns:
        0 when all steps passed, else 1.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="interpreter that has the emulator")
    python = parser.parse_args().python
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="runtime-client-") as folder:
        # The client computes the path of its file of accounts when it is imported.
        os.environ["HOME"] = folder
        for name in [name for name in os.environ if name.startswith("QISKIT_")]:
            del os.environ[name]
        passed, failed = _session(python, Path(folder))
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


def _session(python: str, folder: Path) -> tuple[int, int]:
    warnings.simplefilter("ignore")
    import account_steps
    import device_steps
    import job_steps
    import list_steps
    from qiskit_ibm_runtime import __version__
    from scene import Scene
    from service import Service
    from steps import run_steps
    from traffic import redirected

    logging.getLogger("qiskit_ibm_runtime").setLevel(logging.CRITICAL)
    begun = time.monotonic()
    with Service(python, folder) as service, redirected(service.root):
        print(f"qiskit-ibm-runtime {__version__} against the emulator at {service.root}")
        counts = run_steps(
            [module.steps for module in (account_steps, device_steps, job_steps, list_steps)],
            Scene(service),
            step_seconds=_STEP_SECONDS,
            session_seconds=_SESSION_SECONDS,
        )
        if counts[1]:
            print(f"The emulator's own messages: {service.log() or 'none'}", file=sys.stderr)
    print(f"{time.monotonic() - begun:.0f} s")
    return counts


def _leave(status: int) -> None:
    """End even if a thread of the client still waits for a job."""
    sys.stdout.flush()
    sys.stderr.flush()
    timer = threading.Timer(_EXIT_SECONDS, os._exit, (status,))
    timer.daemon = True
    timer.start()
    sys.exit(status)


if __name__ == "__main__":
    _leave(main())
