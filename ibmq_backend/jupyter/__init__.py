"""Notebooks: ``magics`` such as ``%iqx_dashboard``, and the static ``tables`` that they show.

The original package showed live widgets in JavaScript. Backends, jobs and providers show themselves
as static cards in any notebook; importing this module adds the magics, and without a running
IPython it adds nothing.

Source: ``qiskit.providers.ibmq.jupyter`` of qiskit-ibmq-provider 0.5 to 0.20.2.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["register"]


def register(shell: Any) -> None:
    """Add ``%iqx_dashboard`` and ``%disable_iqx_dashboard`` to an IPython shell.

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
