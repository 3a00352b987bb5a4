"""Moving jobs along, and the processes that run them.

``dispatcher`` takes jobs from the queue and asks their ``job_kind`` what they are; ``engine`` gives
them to a ``worker_process``. In that process ``worker`` runs them by the table of ``runners``,
within ``worker_limits`` and ``worker_isolation``; ``json_file`` carries large results.
"""
