"""One interface, the port, to the classic service and to IBM Quantum Platform.

``port`` defines the interface that the documented classes use; ``connect`` logs in and chooses the
adapter. The adapters ``classic`` and ``platform`` implement the port with the same file names.
``sampler`` converts a Qobj to a job of IBM Quantum Platform and back. ``calls`` sends a request and
reads its reply; ``exactly_once`` creates exactly one job even if replies are lost;
``status_stream`` follows a job over a websocket; ``daemon_threads`` sends several requests at a
time, and later those whose replies are not needed; ``plain_json`` converts values to JSON;
``secure_urls`` checks URLs before a token is sent there. ``administration`` lists and cancels the
jobs of an emulator server, and ``reachability`` tells whether a service answers.
"""
