"""The database.

``schema`` has its tables, ``database`` opens and converts it. ``jobs`` is what owners see and
change of their jobs, ``queue`` what the service does with them, ``job_data`` what was uploaded and
what came out, ``quotas`` what one user may occupy.
"""
