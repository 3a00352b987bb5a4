"""Backends: devices and simulators with the documented methods.

``backend`` is ``IBMQBackend``; ``variants`` are simulators and retired devices. ``service`` is
``provider.backend``, which finds backends by their ``names``; ``selection`` is ``least_busy``;
``provider`` says what backends need of the provider they come from. ``run_input`` makes a Qobj of
what ``run()`` takes, with ``run_options`` and ``lower_if_test``; ``job_limit`` and ``reservation``
are values, and ``version`` is what ``backend.version`` is.
"""
