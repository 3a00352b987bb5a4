"""Terra's notebook widgets for this package's backends: static tables instead of live widgets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ibmq_backend._compat.replacing import replace_in_place


def _show_card(original: Callable[..., Any]) -> Callable[..., Any]:
    def backend_monitor(backend: Any) -> Any:
        from ibmq_backend.backend.backend import IBMQBackend

        return backend._repr_html_() if isinstance(backend, IBMQBackend) else original(backend)

    return backend_monitor


def adapt_backend_monitor(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.jupyter.backend_monitor``, and register its magic of 2019 again."""
    replace_in_place(module._backend_monitor, _show_card)
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return

    def qiskit_backend_monitor(line: str) -> Any:
        """Show the properties of a backend: ``%qiskit_backend_monitor backend``."""
        from ibmq_backend.jupyter.magics import show_html

        html = module._backend_monitor(shell.ev(line))
        return show_html(html) if isinstance(html, str) else None

    shell.register_magic_function(qiskit_backend_monitor, "line")


def _show_table(original: Callable[..., Any]) -> Callable[..., Any]:
    def qiskit_backend_overview(self: Any, line: str = "", cell: Any = None) -> Any:
        del cell
        from ibmq_backend._compat.monitors import devices_of_the_account

        devices = devices_of_the_account()
        if not devices:
            return original(self, line)
        from ibmq_backend.jupyter.magics import show_html
        from ibmq_backend.jupyter.tables import overview_table

        return show_html(overview_table(devices))

    return qiskit_backend_overview


def adapt_backend_overview(module: ModuleType) -> None:
    """Adapt ``qiskit.tools.jupyter.backend_overview``."""
    replace_in_place(module.BackendOverview.qiskit_backend_overview, _show_table)
