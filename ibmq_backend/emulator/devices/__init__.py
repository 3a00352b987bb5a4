"""The devices of the emulator.

``catalog`` lists them, from calibration ``snapshots``, from the facts in ``known``, and from what
the service stated later, in ``history``. ``gates`` is the table of all instructions,
``instruction_set`` selects those of a device, and ``timing_model`` says how long jobs take.
``_aliases`` is generated.
"""
