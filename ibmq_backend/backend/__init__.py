"""Backends: devices and simulators with the documented methods.

``backend`` contains ``IBMQBackend``, ``variants`` simulators and retired devices. ``service`` is
``provider.backend``, which finds backends by their ``names``; ``selection`` contains
``least_busy``; ``provider`` is the interface of providers. ``assembly`` and ``run_input`` convert
the input of ``run()`` to a Qobj, with ``run_options``, ``parameter_binds`` and ``lower_if_test``.
``terms`` reads the options that only today's service has, and ``session`` opens sessions and
batches. ``emulation`` is the notice of the first emulated job, and ``html`` the card of a backend
in notebooks.
``job_limit``, ``reservation`` and ``version`` contain the values that backends return.
"""
