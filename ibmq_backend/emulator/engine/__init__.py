"""The dispatcher and the worker processes that run the jobs."""
