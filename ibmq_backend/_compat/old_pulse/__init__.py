"""Pulse programming as it was between Terra 0.8 and 0.21.

``commands`` has the commands that became instructions when they were called with a channel, and
``channel_spec`` the channels of a device by qubit; both replace modules of Terra. ``builder`` has
two contexts of the pulse builder. ``adapted`` adds old methods and arguments to the classes of
Terra, and ``drawing`` the old arguments of ``draw()``.
"""
