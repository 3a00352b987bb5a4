"""The classic wire dialect: Qobjs, hubs with groups and projects, access tokens, object storage.

``dialect`` implements the dialect, and ``binding`` its HTTP routes. One of the ``handlers`` gets a
request (``requests``), uses ``state`` and ``filters``, and replies with one of the ``documents`` or
``errors``; ``jobs`` validates and runs jobs. ``_routes`` is generated. The platform dialect has the
same files.
"""
