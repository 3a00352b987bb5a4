"""The services behind one port.

``port`` says what the documented classes need of a service, and ``connect`` logs in and chooses the
dialect. ``classic`` and ``platform`` implement the port with the same files each; ``sampler`` turns
circuits into today's jobs and back. ``calls`` sends a request and reads its reply; ``exactly_once``
repeats what must happen once only; ``status_stream`` follows a job over a websocket; ``plain_json``
and ``secure_urls`` look at values and addresses before they are sent. ``administration`` is for
servers of the emulator.
"""
