"""Checks of a job against a device before the simulation; none of them imports Qiskit.

``qobj`` checks circuit jobs with ``instructions``, ``gate_calibrations`` and
``simulator_options``; ``pulse`` checks pulse jobs with ``pulse_instructions`` and the device's
``pulse_setup``. Both use ``document`` and ``noise_options``. ``result_size`` limits the size of
results.
"""
