"""The devices of the emulator.

``catalog`` lists them, from calibration ``snapshots``, from the dated calibrations that
``calibration_files`` reads, from the facts in ``known``, and from what the service stated at other
times, in ``history``; ``options`` say which, and as of which date. ``device`` is one of them.
``gates`` is the table of all instructions, ``instruction_set`` selects those of a device, and
``timing_model`` says how long jobs take. ``typical`` is the median of a device's calibrations.
``_aliases`` is generated.
"""
