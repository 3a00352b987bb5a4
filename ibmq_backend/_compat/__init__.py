"""What old programs expect of their surroundings: import paths, methods and argument names.

``dropin`` leads every ``qiskit.providers.ibmq.X`` to its home here; ``job_states`` and
``old_utils`` stand in for two modules of the original package. ``terra`` says what is known of the
inside of Terra and decides whether Terra is adapted; ``adaptations`` lists how, and ``adapting``
does it when a module is loaded. The adaptations are in ``circuit_methods``, ``monitors``,
``noise_models``, ``notebook_magics``, ``pictures`` and ``renamed_arguments``, by means of
``replacing``, which changes functions in place.
"""
