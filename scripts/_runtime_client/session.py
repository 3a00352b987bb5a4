"""The unmodified official client of today against the emulator, step by step.

Runs in the client's environment: ``session.py PYTHON``, where PYTHON is the interpreter that has
the emulator. Ends with 0 when every step passed.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from client_session import leave_after

_STEP_SECONDS = 60.0
_SESSION_SECONDS = 240.0


def _session(python: str, folder: Path) -> tuple[int, int]:
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
    with Service(python, folder) as service, redirected(service.root):
        print(f"qiskit-ibm-runtime {__version__} against the emulator at {service.root}")
        counts = run_steps(
            [module.steps for module in (account_steps, device_steps, job_steps, list_steps)],
            Scene(service),
            step_seconds=_STEP_SECONDS,
            session_seconds=_SESSION_SECONDS,
        )
        if counts[1]:
            print(f"The emulator's own messages: {service.said() or 'none'}", file=sys.stderr)
    return counts


if __name__ == "__main__":
    leave_after("runtime-client", _session)
