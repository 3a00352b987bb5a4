"""The unmodified original client against the emulator, step by step.

Runs in the client's environment: ``session.py PYTHON``, where PYTHON is the interpreter that has
the emulator. Ends with 0 when every step passed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from client_session import leave_after

_STEP_SECONDS = 45.0
_SESSION_SECONDS = 160.0


def _session(python: str, folder: Path) -> tuple[int, int]:
    import account_steps
    import device_job_steps
    import device_steps
    import list_steps
    import manager_steps
    import simulator_steps
    import waiting_steps
    from qiskit.providers.ibmq import __version__
    from scene import Scene
    from service import Service
    from steps import run_steps

    with Service(python, folder) as service:
        print(f"qiskit-ibmq-provider {__version__} against the emulator at {service.url}")
        modules = (
            account_steps,
            device_steps,
            device_job_steps,
            simulator_steps,
            waiting_steps,
            list_steps,
            manager_steps,
        )
        counts = run_steps(
            [module.steps for module in modules],
            Scene(service),
            step_seconds=_STEP_SECONDS,
            session_seconds=_SESSION_SECONDS,
        )
        if counts[1]:
            print(f"The emulator's own messages: {service.said() or 'none'}", file=sys.stderr)
    return counts


if __name__ == "__main__":
    leave_after("original-client", _session)
