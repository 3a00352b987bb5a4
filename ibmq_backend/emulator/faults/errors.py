"""The error of fault scripts."""

from __future__ import annotations

from typing import Any

from ibmq_backend.emulator.core.errors import EmulatorError


class FaultScriptError(EmulatorError):
    """A fault script is not as described; says where and what is allowed."""

    @classmethod
    def about(cls, key: str, value: Any, allowed: str) -> FaultScriptError:
        """The error for a value that a key cannot have."""
        return cls(f"the key {key!r} cannot be {value!r}; allowed: {allowed}")
