"""The adapter of the classic service: the port, in hubs, groups and projects.

``auth`` logs in, and ``client`` implements the port by the ``calls`` of this dialect: ``instances``
lists the projects, ``jobs`` reads jobs, ``filters`` lists them, ``submit`` makes one of
``payloads``. ``mapping`` makes records of replies, and ``hints`` has the next step for error codes.
The adapter of the platform has the same files.
"""
