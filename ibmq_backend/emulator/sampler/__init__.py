"""Jobs of the programs ``sampler`` and ``estimator`` of the platform dialect.

``form`` checks the input and raises its ``errors``. ``pubs`` loads its circuits:
``circuit_loading`` reads OpenQASM 3 and, with ``qpy_reader`` and ``qpy_values``, QPY;
``typed_values`` reads arrays; all stay within ``reading_limits``; ``isa`` checks circuits against
the device. ``run`` runs a sampler: ``dynamic_run`` simulates circuits with control flow,
``static_run`` the others; ``signals`` gives points in the IQ plane. ``estimator`` measures
``observables``.
"""
