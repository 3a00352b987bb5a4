"""Query parameters of the lists: ``job_lists`` and ``workload_lists``."""
