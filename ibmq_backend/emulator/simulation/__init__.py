"""Running jobs with Qiskit Aer: circuits, noise, results."""
