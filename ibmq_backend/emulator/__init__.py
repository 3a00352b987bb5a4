"""A local emulator of the quantum services: accounts, devices, queues, jobs.

It is written from the service descriptions and imports nothing else of this distribution but the
drawing of maps, so clients can be tested against it independently. ``LocalService`` in
:mod:`~ibmq_backend.emulator.http.embedded` runs it in the current process; ``serve`` in
:mod:`~ibmq_backend.emulator.http.serve` (or ``__main__``) runs it as a server for several users.

``service_state`` is one service: its ``accounts``, its ``devices`` and its jobs in the ``store``.
``engine`` runs the jobs in worker processes: ``checks`` validate a job for its device and
``simulation`` runs it, with ``pulse`` and ``sampler``. ``classic`` and ``platform`` are the wire
dialects, with the same file names; ``dialect`` is their interface and ``dialects`` lists them.
``http`` serves the dialects and the ``pages`` for people, ``classroom`` reads the users,
``monitoring`` writes the log and the metrics, ``wire`` handles requests, ``faults`` injects
scripted failures, and ``core`` has the shared value types.
"""
