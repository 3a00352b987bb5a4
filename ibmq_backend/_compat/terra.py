"""The internals of Terra that this package uses, in the only version with which it was tested.

Other versions of Terra are not adapted, since their functions may have other parameters.
"""

from __future__ import annotations

import sys
from typing import Final

from ibmq_backend._compat.adaptations import all_adaptations
from ibmq_backend._compat.adapting import AdaptingFinder
from ibmq_backend._compat.names.finder import OldModuleFinder
from ibmq_backend._compat.names.gone_packages import GonePackageFinder
from ibmq_backend._compat.names.tables import GONE_NAMES, OLD_NAMES
from ibmq_backend._compat.quiet import is_switched_off
from ibmq_backend.installation.guard import version_on_path
from ibmq_backend.installation.owners import TESTED_VERSION, explain
from ibmq_backend.notices import notify_once

USED_INTERNALS: Final[dict[str, str]] = {
    "_compat.adapting": "modules of Terra can be changed when they are loaded",
    "_compat.adaptations": "the modules that are changed",
    "_compat.basic_backends": "private methods with which BasicAer runs a Qobj",
    "_compat.circuit_methods": "methods that circuits lack since 0.17, and gates that still exist",
    "_compat.faulty_gates": "the private functions with which transpile reads a backend",
    "_compat.gate_set_tomography": "how a fitter of Ignis imports scipy.optimize",
    "_compat.monitors": "private functions of the monitors, and the names that they use",
    "_compat.noise_models": "what Aer reads from a backend and its calibration",
    "_compat.notebook_magics": "private functions of the notebook tools",
    "_compat.old_modules": "the modules to which gates and figures have moved",
    "_compat.old_aer": "Aer's classes of backends, states and errors are plain Python",
    "_compat.old_pulse": "the classes of pulse programs, and the drawer of pulses until 0.18",
    "_compat.pictures": "the decorators around the functions that draw maps of devices",
    "_compat.renamed_arguments": "the constructor of RZXCalibrationBuilder",
    "_compat.replacing": "functions of Terra are plain Python functions",
    "_compat.star_import": "qiskit.__all__ is a list",
    "_compat.unrolling": "the definitions of gates of one qubit end at u",
    "_compat.unscheduled_delays": "the passes that check lengths in the preset pass managers",
    "_dropin": "a folder inside qiskit/providers, which qiskit.IBMQ imports",
    "backend.backend": "the event ibmq.job.start, which the job watcher of Terra listens to",
    "backend.run_input": "the assembler ignores meas_level=0, and accepts no delays in seconds",
    "backend.version": "Terra compares version with numbers to distinguish BackendV1 and V2",
    "doctor.bindings": "the class of Aer's backends and that of their jobs",
    "doctor.library": "the decorators of functions that need an optional library",
    "emulator.devices.snapshots": "the folder and file names of the calibration snapshots",
    "emulator.sampler.qpy_reader": "the names of gate classes, which QPY files contain",
    "emulator.simulation.noise": "Aer has no public way to add a noise pass to a model",
    "job.histogram": "how Result.get_counts() formats the bits of a state",
    "job.input": "disassemble calls the method of a circuit with the name of an instruction",
    "jupyter.widgets": "the modules that write OpenQASM, and their errors",
}
"""Undocumented facts about Terra or Aer, by the module of this package that uses them."""


def prepare_terra() -> AdaptingFinder | None:
    """Register the finders that adapt modules of Terra and Aer when they are loaded.

    Returns:
        the finder of adapted modules; ``None`` if it was registered before, with any version of
        Terra other than the tested one on the import path, or if ``IBMQ_BACKEND_ADAPT`` is
        ``never``.
    """
    if is_switched_off() or _is_prepared() or version_on_path() != TESTED_VERSION:
        return None
    finder = AdaptingFinder(all_adaptations())
    sys.meta_path[:0] = [finder, OldModuleFinder(OLD_NAMES, GONE_NAMES)]
    sys.meta_path.append(GonePackageFinder())
    return finder


def adapt_terra() -> None:
    """Adapt modules of Terra and Aer that are already loaded, if that was not done before.

    With any version of Terra other than the tested one, nothing is adapted, and a notice says so.
    """
    import qiskit

    if is_switched_off() or _is_prepared():
        return
    finder = prepare_terra() if qiskit.__version__ == TESTED_VERSION else None
    if finder is None:
        notify_once(
            "terra",
            explain()
            or f"Terra {qiskit.__version__} is imported, but only {TESTED_VERSION} is adapted to "
            "old programs. Remove it from the import path.",
        )
    else:
        finder.adapt_loaded()


def _is_prepared() -> bool:
    return any(isinstance(finder, AdaptingFinder) for finder in sys.meta_path)
