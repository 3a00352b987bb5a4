"""Aer as it was between 0.3 and 0.13.

``backends`` adds to the simulators what programs of that time call, and ``arrays`` makes saved
states and operators behave as NumPy arrays. ``snapshots`` runs snapshot instructions as today's
save instructions; ``circuit_snapshots`` has the methods of circuits that append them, and
``extensions`` the module of their classes. ``noise`` adapts the functions that make errors, and
``errorutils`` and ``device_noise`` replace modules of Aer.
"""
