"""Documents of ``jobs``, ``sessions``, ``workloads`` and ``devices``.

``versions`` has the API versions.
"""
