"""A local emulator of the quantum services: accounts, devices, queues, jobs.

It is built from the descriptions of the services alone and imports nothing else of this
distribution, so it can serve as independent evidence for the clients. ``LocalService`` in
:mod:`~ibmq_backend.emulator.http.embedded` runs it inside the own process, ``serve`` in
:mod:`~ibmq_backend.emulator.http.serve` (or ``__main__``) as a server for several people.

``service_state`` is one service: its ``accounts``, its ``devices`` and its jobs in the ``store``.
``engine`` runs the jobs in processes of their own: ``checks`` decide whether a device takes a job,
``simulation`` computes it with ``pulse`` and ``sampler``. ``classic`` and ``platform`` are the two
wire dialects, alike in their files; ``dialect`` says what a dialect is and ``dialects`` lists them.
``http`` serves them, ``wire`` is what all requests have in common, ``faults`` lets calls fail by
script, and ``core`` holds the values that all of it uses.
"""
