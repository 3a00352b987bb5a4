"""Simulation of jobs with Qiskit Aer.

``simulator`` runs a checked job: with ``simulator_run`` on a cloud simulator, with ``device_run``
on a device (with ``restless`` if its qubits are not initialized), and with ``pulse_run`` if it uses
pulses. ``circuits`` builds circuits from instructions and ``circuit_splitting`` splits them into
independent parts. ``noise`` is built from the calibration, with ``superoperators`` of its errors;
``scheduling`` finds how long qubits wait, from the ``durations`` of their instructions.
``noise_documents`` reads noise models of jobs. ``aer`` calls Aer.
"""
