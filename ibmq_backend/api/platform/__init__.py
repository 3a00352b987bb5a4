"""The adapter for IBM Quantum Platform with its instances and programs.

``auth`` exchanges the API key; ``client`` implements the port with the ``calls`` of this service.
``instances`` finds the instances, ``jobs`` reads jobs, ``filters`` builds queries, and ``submit``
creates a job from ``payloads``. ``sessions`` opens and closes sessions. ``mapping`` converts
replies to records, and ``hints`` says what to do about error codes. The classic adapter has the
same files.
"""
