"""The query language of the job lists.

``job_lists`` pages through the jobs that a filter selects; ``loopback`` evaluates it, with patterns
by ``regex``.
"""
