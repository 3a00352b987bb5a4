"""HTTP below the dialects.

``exchange`` is one request and its reply, ``routes`` what a generated table lists, ``body`` and
``headers`` what came in. ``connections`` bounds how many there are; ``host_guard`` and
``login_guard`` refuse foreign hosts and slow down guessing.
"""
