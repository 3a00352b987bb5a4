"""The adapter of today's IBM Quantum Platform: the port, in instances and programs.

``auth`` exchanges the API key, and ``client`` implements the port by the ``calls`` of this dialect:
``instances`` finds the instances, ``jobs`` reads jobs, ``filters`` lists them, ``submit`` makes one
of ``payloads``. ``mapping`` makes records of replies, and ``hints`` has the next step for error
codes. The classic adapter has the same files.
"""
