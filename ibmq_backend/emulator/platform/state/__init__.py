"""The state of the platform dialect.

``state`` combines ``instances`` with their plans, bearer ``tokens``, ``runs`` (the platform part of
jobs) and ``sessions``.
"""
