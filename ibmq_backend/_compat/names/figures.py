"""Names of figures."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import OldName

_INTERACTIVE: Final = "ibmq_backend._compat.old_modules.interactive"
_PACKAGES: Final = ("qiskit.visualization", "qiskit.tools.visualization")
_FIGURES: Final = {
    "histogram": "iplot_histogram",
    "bloch_multivector": "iplot_blochsphere",
    "state_city": "iplot_cities",
    "state_hinton": "iplot_hinton",
    "state_paulivec": "iplot_paulivec",
    "state_qsphere": "iplot_qsphere",
    "state": "iplot_state",
}

FIGURES: Final[tuple[OldName, ...]] = (
    *(
        OldName(
            f"{package}.iplot_{figure}",
            "2018-2021" if figure != "state" else "2018-2019",
            f"`plot_{figure}`; a figure of Matplotlib"
            if figure != "state"
            else "`plot_state_city` and others",
            f"{_INTERACTIVE}:iplot_{figure}",
        )
        for package in _PACKAGES
        for figure in _FIGURES
    ),
    OldName(
        "qiskit.visualization.interactive",
        "2018-2021",
        "`qiskit.visualization`; also its modules",
        _INTERACTIVE,
    ),
    *(
        OldName(f"qiskit.visualization.interactive.{module}", "2018-2021", "", _INTERACTIVE)
        for module in _FIGURES.values()
    ),
    *(
        OldName(f"{package}.{name}", years, now, f"{_INTERACTIVE}:{name}")
        for package in _PACKAGES
        for name, years, now in (
            ("plot_state", "2018-2019", "`plot_state_city` and others"),
            ("qx_color_scheme", "2018-2021", '`style="iqx"`'),
            ("HAS_MATPLOTLIB", "2018-2022", "`qiskit.utils.optionals.HAS_MATPLOTLIB`"),
        )
    ),
    *(
        OldName(
            f"qiskit.visualization.{module}",
            "2018-2022",
            f"`qiskit.visualization.circuit.{module}`",
            f"qiskit.visualization.circuit.{module}",
        )
        for module in ("latex", "matplotlib", "text")
    ),
    OldName(
        "qiskit.visualization.tools", "2019-2020", "`qiskit.circuit.tools`", "qiskit.circuit.tools"
    ),
)
"""Figures by their old names."""
