"""Adapts Terra's monitors to the backends and jobs of this package.

``qiskit.tools.monitor`` of Terra 0.46 only supports the backends of another provider package, and
sleeps for whole seconds between requests. Terra's code still prints the output, but it gets the
classes of this package instead of the other one's, and its pauses end when the job ends.
"""

from __future__ import annotations

import builtins
import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from qiskit.exceptions import QiskitError

from ibmq_backend._compat.replacing import rebound, replace_in_place

if TYPE_CHECKING:
    from qiskit.providers.models import BackendProperties

    from ibmq_backend.backend.backend import IBMQBackend

OTHER_PACKAGE: Final = "qiskit_ibm_provider"


def _other_package_is_installed() -> bool:
    return importlib.util.find_spec(OTHER_PACKAGE) is not None


# -- backends ------------------------------------------------------------------------------------


class _Monitored:
    """A backend for ``backend_monitor``, with an empty calibration if it has none."""

    def __init__(self, backend: IBMQBackend) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def properties(self) -> BackendProperties:
        from qiskit.providers.models import BackendProperties

        found = self._backend.properties()
        if found is not None:
            return found
        version = self._backend.configuration().backend_version
        return BackendProperties(self._backend.name(), version, None, [], [], [])


def _importing(modules: Mapping[str, object]) -> dict[str, object]:
    """Return builtins whose import statement returns these modules."""

    def import_module(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> Any:
        if level == 0 and name in modules:
            return modules[name]
        return builtins.__import__(name, globals, locals, fromlist, level)

    return {**vars(builtins), "__import__": import_module}


def _monitor_our_backends(original: Callable[..., None]) -> Callable[..., None]:
    assert isinstance(original, FunctionType)
    ours = SimpleNamespace(IBMBackend=_Monitored)
    redirected = rebound(
        original, {"__builtins__": _importing({f"{OTHER_PACKAGE}.ibm_backend": ours})}
    )

    def backend_monitor(backend: Any) -> None:
        from ibmq_backend.backend.backend import IBMQBackend

        if isinstance(backend, IBMQBackend):
            redirected(_Monitored(backend))
            if not backend.configuration().simulator and backend.properties() is None:
                print(f"{backend.name()} has no calibration.")  # noqa: T201  (prints, as Terra does)
        elif _other_package_is_installed():
            original(backend)
        else:
            redirected(backend)

    return backend_monitor


def devices_of_the_account() -> list[IBMQBackend]:
    """Return the devices of all providers, without repeated names.

    Raises:
        ApiError: a call failed.

    Wire: listBackends.
    """
    from ibmq_backend.account.factory import IBMQ

    found: dict[str, IBMQBackend] = {}
    for provider in IBMQ.providers():
        for backend in provider.backend.backends(simulator=False):
            found.setdefault(backend.name(), backend)
    return list(found.values())


def _find_our_devices(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def get_unique_backends() -> list[Any]:
        devices = devices_of_the_account()
        if devices:
            return devices
        if _other_package_is_installed():
            return original()
        raise QiskitError("There are no backends. Call IBMQ.load_account().")

    return get_unique_backends


def _omit_uncalibrated(original: Callable[..., None]) -> Callable[..., None]:
    assert isinstance(original, FunctionType)
    get_all = original.__globals__["get_unique_backends"]

    def calibrated() -> list[Any]:
        return [backend for backend in get_all() if backend.properties() is not None]

    return rebound(original, {"get_unique_backends": calibrated})


def adapt_overview(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.monitor.overview``; devices without a calibration are left out."""
    replace_in_place(module.get_unique_backends, _find_our_devices)
    replace_in_place(module.backend_monitor, _monitor_our_backends)
    replace_in_place(module.backend_overview, _omit_uncalibrated)


# -- jobs ----------------------------------------------------------------------------------------


class _JobClock:
    """Replaces the module ``time``: pauses end early when the job ends."""

    def __init__(self, job: Any) -> None:
        self._job = job

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        wait_quietly(self._job, seconds)


def wait_quietly(job: Any, seconds: float) -> None:
    """Wait at most a number of seconds for the end of a job, without output and errors.

    If a request fails, it waits for the rest of the time; the caller's next request raises the
    error.
    """
    from ibmq_backend.exceptions import IBMQJobApiError, IBMQJobTimeoutError
    from ibmq_backend.job.progress import muted

    end = time.monotonic() + seconds
    try:
        with muted():
            job.wait_for_final_state(timeout=seconds)
    except IBMQJobTimeoutError:
        return
    except IBMQJobApiError:
        time.sleep(max(end - time.monotonic(), 0))


def _is_ours(job: object) -> bool:
    from ibmq_backend.job.job import IBMQJob

    return isinstance(job, IBMQJob)


def _end_pauses_with_job(original: Callable[..., None]) -> Callable[..., None]:
    assert isinstance(original, FunctionType)

    def checker(job: Any, *args: Any, **kwargs: Any) -> None:
        if _is_ours(job):
            rebound(original, {"time": _JobClock(job)})(job, *args, **kwargs)
        else:
            original(job, *args, **kwargs)

    return checker


def adapt_job_monitor(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.monitor.job_monitor``."""
    replace_in_place(module._text_checker, _end_pauses_with_job)


def adapt_status_magic(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.jupyter.jupyter_magics``.

    Terra no longer registers its status magic, and the progress bar was a cell magic until 0.8.
    """
    replace_in_place(module._html_checker, _end_pauses_with_job)
    shell = module.get_ipython()
    if shell is None:
        return
    shell.register_magics(module.StatusMagic)

    def qiskit_progress_bar(line: str, cell: str) -> None:
        """Show a progress bar while the cell runs: ``%%qiskit_progress_bar -t text``."""
        shell.run_line_magic("qiskit_progress_bar", line)
        shell.ex(cell)

    shell.register_magic_function(qiskit_progress_bar, "cell")


def adapt_job_watcher(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.jupyter.watcher_monitor``."""
    replace_in_place(module._job_checker, _end_pauses_with_job)


def _wait_before_request(original: Callable[..., Any]) -> Callable[..., Any]:
    def safe_get_job_status(job: Any, job_id: str, max_job_retries: int, wait: float) -> Any:
        if _is_ours(job):
            wait_quietly(job, wait)
        return original(job, job_id, max_job_retries, wait)

    return safe_get_job_status


def adapt_run_circuits(module: ModuleType) -> None:
    """Adapt ``qiskit.utils.run_circuits``, which sleeps for seconds after each request."""
    replace_in_place(module._safe_get_job_status, _wait_before_request)
