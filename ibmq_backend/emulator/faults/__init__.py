"""Scripted faults: which call fails, and how.

``kinds`` lists the kinds and their keys, ``script`` reads them, ``plan`` counts calls and picks the
fault. ``layer`` makes it happen to requests with ``replies``, ``stream`` to the websocket,
``connections`` to sockets and ports.
"""
