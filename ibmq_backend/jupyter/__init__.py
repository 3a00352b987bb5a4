"""Notebooks: ``magics`` such as ``%iqx_dashboard``, the ``tables`` that they show, and ``widgets``.

The original package showed live JavaScript widgets. Here backends, jobs and providers are displayed
as static HTML. Importing this module registers the magics if IPython is running.

Source: ``qiskit.providers.ibmq.jupyter`` of qiskit-ibmq-provider 0.5 to 0.20.2.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["register"]


def register(shell: Any) -> None:
    """Register ``%iqx_dashboard`` and ``%disable_iqx_dashboard`` in an IPython shell.

    Args:
        shell: an ``InteractiveShell``.
    """
    from ibmq_backend.jupyter.magics import DashboardMagics

    shell.register_magics(DashboardMagics)


def _running_shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


if (_shell := _running_shell()) is not None:
    register(_shell)
