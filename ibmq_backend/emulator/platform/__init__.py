"""The platform dialect: programs, instances, bearer tokens, OpenQASM 3.

``dialect`` implements the dialect, and ``binding`` its HTTP routes. One of the ``handlers`` gets a
request (``requests``), uses ``state`` and ``filters``, and replies with one of the ``documents`` or
``errors``; ``jobs`` validates and runs jobs. ``_routes`` is generated. The classic dialect has the
same files.
"""
