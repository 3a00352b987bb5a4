"""Checks of a job against a device, before anything is simulated; none of them imports Qiskit.

``qobj`` checks jobs of circuits by their ``instructions``, ``gate_calibrations`` and
``simulator_options``; ``pulse`` checks jobs of pulses by their ``pulse_instructions`` against the
device's ``pulse_setup``. ``document`` is common to both, and ``result_size`` bounds what comes out.
"""
