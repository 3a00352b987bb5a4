"""The devices.

``catalog`` lists them, out of calibration ``snapshots`` and of what is ``known`` beside. ``gates``
is the one table of instructions, ``instruction_set`` what a device takes of them, and
``timing_model`` how long jobs take. ``_aliases`` is generated.
"""
