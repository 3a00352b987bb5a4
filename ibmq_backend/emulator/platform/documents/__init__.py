"""What today's dialect sends of ``jobs``, ``sessions``, ``workloads`` and ``devices``.

``versions`` says which version of the API a request asks for.
"""
