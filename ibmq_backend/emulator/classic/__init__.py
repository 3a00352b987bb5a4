"""The classic wire dialect: Qobjs, hubs with groups and projects, access tokens, object storage.

``dialect`` is the whole of it for the service, and ``binding`` its HTTP. A request goes from
``requests`` to one of the ``handlers``, which ask ``state`` and ``filters`` and answer in
``documents`` or ``errors``; ``jobs`` says what its jobs are. ``_routes`` is generated. The platform
dialect has the same files.
"""
