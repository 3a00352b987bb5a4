"""What can go wrong in an emulated service, as facts: each dialect has its own words for it."""

from __future__ import annotations


class EmulatorError(Exception):
    """The emulator cannot go on: a wrong set-up, or a database of another version."""
