"""HTTP handling shared by the dialects.

``exchange`` answers one request, ``routes`` describes the operations, ``endpoints`` finds the one
of a request, and ``body`` and ``headers`` read requests. ``connections`` limits the connections of
a server; ``host_guard`` rejects foreign hosts, and ``login_guard`` slows down guessing of tokens.
"""
