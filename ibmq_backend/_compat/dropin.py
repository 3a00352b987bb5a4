"""Serves ``qiskit.providers.ibmq.X`` as the very module ``ibmq_backend.X``.

The folder ``qiskit/providers/ibmq`` that a distribution installs holds one file; every submodule is
found here. Old module names that this package would not choose are rows of ``OLD_NAMES``. Classes
are identical under both paths, so ``isinstance`` and pickles do not care which one was imported.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from ibmq_backend._compat.terra import adapt_terra

PACKAGE: Final = "ibmq_backend"

OLD_NAMES: Final[dict[str, str]] = {
    "accountprovider": "account.provider",
    "api.exceptions": "exceptions",
    "api_v2": "api",
    "api_v2.exceptions": "exceptions",
    "apiconstants": "_compat.job_states",
    "backendjoblimit": "backend.job_limit",
    "backendreservation": "backend.reservation",
    "credentials.configrc": "credentials.old_readers",
    "credentials.credentials": "credentials.model",
    "credentials.environ": "credentials.old_readers",
    "credentials.exceptions": "exceptions",
    "credentials.hub_group_project_id": "credentials.hub_group_project",
    "credentials.hubgroupproject": "credentials.hub_group_project",
    "ibmqbackend": "backend.variants",
    "ibmqbackendservice": "backend.service",
    "ibmqfactory": "account.factory",
    "job.exceptions": "exceptions",
    "job.ibmqjob": "job.job",
    "job.job_monitor": "job.monitor",
    "job.queueinfo": "job.queue_info",
    "managed.exceptions": "exceptions",
    "managed.ibmqjobmanager": "managed.job_manager",
    "managed.managedjob": "managed.managed_job",
    "managed.managedjobset": "managed.job_set",
    "managed.managedresults": "managed.results",
    "runner_result": "job.runner_result",
    "utils": "_compat.old_utils",
    "utils.converters": "_compat.old_utils.converters",
    "utils.utils": "_compat.old_utils.utils",
    "version": "_version",
    "visualization.interactive": "visualization",
    "visualization.interactive.error_map": "visualization",
    "visualization.interactive.gate_map": "visualization",
}
"""Module of qiskit-ibmq-provider up to 0.20.2, below its package, to the module of this package."""


GONE: Final[dict[str, str]] = {
    "experiment": "the experiment service was switched off and has no stand-in here.",
    "random": "the random number service was switched off and has no stand-in here.",
    "runtime": "Qiskit Runtime programs have no stand-in here; circuits run with backend.run() or "
    "provider.run_circuits().",
}
"""Module whose service no place offers, to what its import says."""


class _AliasLoader(importlib.abc.Loader):
    """Hands out a module that exists under another name and leaves its identity alone."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._identity: dict[str, object] = {}

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        del spec
        module = importlib.import_module(self._target)
        self._identity = {
            name: getattr(module, name, None) for name in ("__spec__", "__loader__", "__package__")
        }
        return module

    def exec_module(self, module: ModuleType) -> None:
        for name, value in self._identity.items():
            setattr(module, name, value)


class AliasFinder(importlib.abc.MetaPathFinder):
    """Finds submodules of the old package in the new one."""

    def __init__(self, old_package: str) -> None:
        self._prefix = old_package + "."

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a submodule of the old package, or None for anything else."""
        del path, target
        if not fullname.startswith(self._prefix):
            return None
        below = fullname.removeprefix(self._prefix)
        reason = GONE.get(below.partition(".")[0])
        if reason is not None:
            raise ModuleNotFoundError(f"There is no {fullname}: {reason}", name=fullname)
        name = f"{PACKAGE}.{OLD_NAMES.get(below, below)}"
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _AliasLoader(name))


def install(old_package: str) -> None:
    """Make ``old_package`` an alias of this package; doing it again changes nothing.

    Raises:
        ImportError: the retired qiskit-ibmq-provider is installed too; both own one folder.
    """
    refuse_second_owner()
    adapt_terra()
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AliasFinder(old_package))


def refuse_second_owner() -> None:
    """Raise ImportError when the retired provider is installed beside this package."""
    try:
        version = importlib.metadata.version("qiskit-ibmq-provider")
    except importlib.metadata.PackageNotFoundError:
        return
    raise ImportError(
        f"qiskit-ibmq-provider {version} and ibmq-backend are both installed, and both own the "
        "folder qiskit/providers/ibmq. Run `pip uninstall qiskit-ibmq-provider`, then "
        "`pip install --force-reinstall --no-deps ibmq-backend`."
    )
