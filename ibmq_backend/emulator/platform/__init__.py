"""The wire dialect of today's platform: programs, instances, bearer tokens, OpenQASM 3.

``dialect`` is the whole of it for the service, and ``binding`` its HTTP. A request goes from
``requests`` to one of the ``handlers``, which ask ``state`` and ``filters`` and answer in
``documents`` or ``errors``; ``jobs`` says what its jobs are. ``_routes`` is generated. The classic
dialect has the same files.
"""
