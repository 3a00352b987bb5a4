"""Scripted faults: which call fails, and how.

``kinds`` lists the kinds of faults and their keys, ``script`` reads fault scripts, and ``plan``
counts calls and picks the fault. ``layer`` and ``replies`` inject faults into requests, ``stream``
into the status websocket, and ``connections`` into sockets and ports.
"""
