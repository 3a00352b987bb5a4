"""Provides the module ``ibmq_backend.X`` under the name ``qiskit.providers.ibmq.X``.

The installed folder ``qiskit/providers/ibmq`` contains a single file; all submodules are found by
this module. Modules with another name in this package are listed in ``OLD_NAMES``. Classes are
identical under both paths, so ``isinstance`` and pickles work with either.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from ibmq_backend._compat.aliases import alias_spec
from ibmq_backend._compat.terra import adapt_terra
from ibmq_backend.installation.guard import check_import

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
"""Modules of this package by the name of the module in qiskit-ibmq-provider up to 0.20.2."""


REMOVED_SERVICES: Final[dict[str, str]] = {
    "experiment": "the experiment service was switched off.",
    "random": "the random number service was switched off.",
    "runtime": "Qiskit Runtime programs are not supported. Run circuits with backend.run() or "
    "provider.run_circuits().",
}
"""Reasons in the import error of modules whose service does not exist any more."""


class AliasFinder(importlib.abc.MetaPathFinder):
    """Finds submodules of the old package in the new one."""

    def __init__(self, old_package: str) -> None:
        self.prefix = old_package + "."

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a submodule of the old package, ``None`` for other modules."""
        del path, target
        if not fullname.startswith(self.prefix):
            return None
        below = fullname.removeprefix(self.prefix)
        reason = REMOVED_SERVICES.get(below.partition(".")[0])
        if reason is not None:
            raise ModuleNotFoundError(f"There is no {fullname}: {reason}", name=fullname)
        return alias_spec(fullname, f"{PACKAGE}.{OLD_NAMES.get(below, below)}")


def install(old_package: str) -> None:
    """Make ``old_package`` an alias of this package; a second call changes nothing.

    Raises:
        InstallationError: the retired qiskit-ibmq-provider is installed in the same folder, or was.
    """
    check_import(old_package)
    adapt_terra()
    finder = AliasFinder(old_package)
    finders = [each for each in sys.meta_path if isinstance(each, AliasFinder)]
    if all(each.prefix != finder.prefix for each in finders):
        sys.meta_path.insert(0, finder)
