"""Jobs of the program ``sampler`` of today's service.

``form`` checks the input and raises its ``errors``; ``circuit_loading`` reads OpenQASM 3 or, by
``qpy_reader`` and ``qpy_values``, QPY, within ``reading_limits``, and ``typed_values`` the arrays.
``isa`` checks circuits against the device. ``run`` simulates them, with control flow by
``dynamic_run`` and without by ``static_run``.
"""
