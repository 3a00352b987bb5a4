"""What this package knows of the inside of Terra, and the one version it was tried with.

Another version of Terra is left as it is: its functions may have other parameters and parts than
those that are replaced here.
"""

from __future__ import annotations

import sys
from typing import Final

import qiskit

from ibmq_backend._compat.adapting import AdaptingFinder
from ibmq_backend.notices import notify_once

TRIED_VERSION: Final = "0.46.3"
"""The version of Terra whose inside is known."""

KNOWN_INSIDE: Final[dict[str, str]] = {
    "_compat.adapting": "modules of Terra are changed when they get loaded",
    "_compat.adaptations": "the modules that are changed, and how",
    "_compat.circuit_methods": "methods that circuits lack since 0.17, and gates that still exist",
    "_compat.monitors": "private functions of the monitors, and the names that they look up",
    "_compat.noise_models": "what Aer asks a backend and its calibration for",
    "_compat.notebook_magics": "private functions of the notebook tools",
    "_compat.pictures": "the decorator around plot_coupling_map, and its use of Graphviz",
    "_compat.replacing": "functions of Terra are plain Python functions",
    "_dropin": "a folder inside qiskit/providers, which qiskit.IBMQ imports",
    "backend.backend": "the event ibmq.job.start, which the job watcher of Terra listens to",
    "backend.run_input": "the assembler takes meas_level=0 for none, and no delays in seconds",
    "backend.version": "Terra compares version with numbers to tell BackendV1 from BackendV2",
    "emulator.devices.snapshots": "the folder and file names of the calibration snapshots",
    "emulator.sampler.qpy_reader": "the names of gate classes, which QPY files hold",
    "emulator.simulation.noise": "Aer has no public way to add a noise pass to a model",
    "job.input": "disassemble calls the method of a circuit that is named like an instruction",
    "visualization.graph_drawing": "the attributes of nodes and edges that gate maps hand over",
}
"""Module of this package to what it knows of Terra or Aer that is not documented there."""


def adapt_terra() -> None:
    """Adapt modules of Terra and Aer, loaded or not; doing it again changes nothing.

    Nothing is adapted, and one notice says so, when Terra is of another version than the one that
    was tried.
    """
    if qiskit.__version__ != TRIED_VERSION:
        notify_once(
            "terra",
            f"Terra {qiskit.__version__} is installed, and old programs were tried with "
            f"{TRIED_VERSION} only: nothing in Terra is adapted to them. "
            f"`pip install qiskit=={TRIED_VERSION}` changes that.",
        )
        return
    if any(isinstance(finder, AdaptingFinder) for finder in sys.meta_path):
        return
    from ibmq_backend._compat.adaptations import ADAPTATIONS  # needs what only this Terra has

    finder = AdaptingFinder(ADAPTATIONS)
    sys.meta_path.insert(0, finder)
    finder.adapt_loaded()
