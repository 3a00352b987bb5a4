"""Circuits and devices of IBM Quantum Platform in the terms of Qiskit's older classes.

``device`` and ``device_documents`` describe a device as the classic service did; ``isa`` checks
circuits against it. ``programs`` converts a Qobj to the input of the program ``sampler`` and back:
``qasm_writer`` writes the circuits, ``qasm_headers`` and ``qasm_reader`` read them, with
``registers`` for the classical memory; ``options`` are those of the program. ``results`` and
``typed_json`` read the results. ``estimate`` and ``budget`` compare the device time of a job with
what is left of it.
"""
