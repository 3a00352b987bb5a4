"""Filters of the job lists.

``job_lists`` returns the jobs that match a filter, page by page; ``loopback`` evaluates the filter,
with the regular expressions of ``regex``, and ``selection`` has the database leave out other jobs.
"""
