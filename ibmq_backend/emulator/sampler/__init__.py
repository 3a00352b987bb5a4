"""Jobs of the program ``sampler`` of the platform dialect.

``form`` checks the input and raises its ``errors``. ``circuit_loading`` reads OpenQASM 3 and, with
``qpy_reader`` and ``qpy_values``, QPY; ``typed_values`` reads arrays; both stay within
``reading_limits``. ``isa`` checks circuits against the device. ``run`` simulates them:
``dynamic_run`` those with control flow, ``static_run`` the others; ``signals`` gives points in the
IQ plane.
"""
