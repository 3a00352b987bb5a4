"""Lets the simulators of ``BasicAer`` run a ``Qobj``, as until Terra 0.24."""

from __future__ import annotations

import functools
import uuid
from types import ModuleType
from typing import Any


def adapt_simulator(module: ModuleType) -> None:
    """Adapt the simulators that a module of ``qiskit.providers.basicaer`` defines."""
    for backend in vars(module).values():
        if getattr(backend, "__module__", None) == module.__name__ and "run" in vars(backend):
            backend.run = _with_qobj(backend.run)


def _with_qobj(run: Any) -> Any:
    @functools.wraps(run)
    def run_qobj(self: Any, run_input: Any = None, *, qobj: Any = None, **options: Any) -> Any:
        from qiskit.providers.basicaer.basicaerjob import BasicAerJob
        from qiskit.qobj import QasmQobj

        document = run_input if qobj is None else qobj
        if not isinstance(document, QasmQobj):
            return run(self, document, **options)
        options |= options.pop("backend_options", None) or {}
        self._set_options(qobj_config=document.config, backend_options=options)
        job_id = str(uuid.uuid4())
        return BasicAerJob(self, job_id, self._run_job(job_id, document))

    return run_qobj
