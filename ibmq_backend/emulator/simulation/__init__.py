"""Running jobs with Qiskit Aer.

``simulator`` runs a checked job: on a cloud simulator by ``simulator_run``, on a device by
``device_run``, with pulses by ``pulse_run``. ``circuits`` builds circuits of instructions,
``circuit_splitting`` takes apart what never touches; ``noise`` is made of the calibration,
``noise_documents`` come with a job, and ``aer`` is the call itself.
"""
