"""Compatibility with old programs: import paths, names, methods and argument names.

Terra and Aer are adapted when ``qiskit`` is imported, or else at the first use of the old import
path. ``terra`` lists the internals of Terra that this package uses and decides whether Terra is
adapted; ``adaptations`` lists the changes, and ``adapting`` applies them when a module is loaded.
The changes are in ``basic_backends``, ``circuit_methods``, ``faulty_gates``,
``gate_set_tomography``, ``monitors``, ``noise_models``, ``notebook_magics``, ``pictures``,
``qasm_files``, ``renamed_arguments``, ``renamed_methods``, ``star_import``, ``unrolling`` and
``unscheduled_delays``; they use ``replacing``, which replaces functions in place. ``names`` has the
modules, classes and functions that Terra has renamed or removed; ``old_aer``, ``old_modules`` and
``old_pulse`` have those that are written here. ``quiet`` silences misleading warnings of Terra.

``dropin`` provides each ``qiskit.providers.ibmq.X``; ``job_states`` and ``old_utils`` replace two
modules of the original package. ``aliases`` loads a module under another name.
"""
