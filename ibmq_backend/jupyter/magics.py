"""The line magics of the original package, which show static tables here."""

from __future__ import annotations

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import HTML, display

from ibmq_backend.account.factory import IBMQ
from ibmq_backend.jupyter.tables import devices_table, jobs_table

__all__ = ["DashboardMagics", "show_html"]


def show_html(text: str) -> None:
    """Show HTML below the running cell."""
    display(HTML(text))  # type: ignore[no-untyped-call]


@magics_class
class DashboardMagics(Magics):
    """``%iqx_dashboard`` and ``%disable_iqx_dashboard``."""

    @line_magic
    def iqx_dashboard(self, line: str = "") -> None:
        """Show the devices and the newest jobs of the first provider.

        The tables are not updated later; run the magic again instead.

        Wire: listBackends, listJobStatuses.
        """
        del line
        for provider in IBMQ.providers()[:1]:
            show_html(devices_table(provider) + jobs_table(provider))
            return
        show_html("No account is active. Call <code>IBMQ.load_account()</code>.")

    @line_magic
    def disable_iqx_dashboard(self, line: str = "") -> None:
        """Do nothing, since static tables need not be disabled."""
        del line
