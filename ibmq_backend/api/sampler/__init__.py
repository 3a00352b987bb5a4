"""Circuits and devices of today's service in the terms of Qiskit's older classes.

``device`` and ``device_documents`` describe a device as the classic service did, ``isa`` says what
it takes. ``programs`` makes input of a Qobj, whose circuits ``qasm_writer`` writes and
``qasm_reader`` reads with ``registers``; ``results`` and ``typed_json`` read what comes back.
"""
