"""The adapter for the classic service with its hubs, groups and projects.

``auth`` logs in; ``client`` implements the port with the ``calls`` of this service. ``instances``
lists the projects, ``jobs`` reads jobs, ``filters`` builds queries, and ``submit`` creates a job
from ``payloads``. ``sessions`` refuses sessions. ``mapping`` converts replies to records, and
``hints`` says what to do about error codes. The adapter for IBM Quantum Platform has the same
files.
"""
