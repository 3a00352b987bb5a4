"""Simulators start without the optimizers of SciPy, which few jobs need."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def test_scipy_is_imported_when_it_is_used() -> None:
    script = """
        import sys
        from ibmq_backend.emulator.devices.options import DeviceOptions
        from ibmq_backend.emulator.engine import worker
        from ibmq_backend.emulator.engine.worker_limits import WorkerLimits

        simulator, _ = worker._load("run", DeviceOptions(), 1, WorkerLimits())
        print({name for name in sys.modules if name.startswith("scipy.optimize")})

        from qiskit.synthesis.unitary.aqc.aqc import minimize
        from ibmq_backend.emulator.pulse.model import minimize_scalar
        print(round(minimize_scalar(lambda x: (x - 2) ** 2, bounds=(0, 3), method="bounded").x, 3))
        print(minimize(lambda x: float(x @ x), [1.0, 1.0], method="L-BFGS-B").success)

        from scipy.optimize import OptimizeResult
        print(isinstance(OptimizeResult, type))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["set()", "2.0", "True", "True"]
