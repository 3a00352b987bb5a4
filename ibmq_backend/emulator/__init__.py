"""A local emulator of the classic quantum service: accounts, devices, queues, jobs.

It is built from the description of the service alone and imports nothing else of this
distribution, so it can serve as independent evidence for the clients.

* :class:`~ibmq_backend.emulator.http.embedded.LocalService`: inside the own
  process, on a loopback port.
* :func:`~ibmq_backend.emulator.http.serve.serve`: as a server for several people.
* :class:`~ibmq_backend.emulator.service_state.ServiceState`: the state behind both.
"""
