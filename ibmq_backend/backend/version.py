"""``backend.version``, which was a method, then a number, and is both."""

from __future__ import annotations


class CallableVersion(int):
    """Terra's interface version (1) that also answers a call, as the oldest programs expect.

    ``backend.version`` is the integer that Terra compares; ``backend.version()`` was the version
    of the device before Terra 0.16.
    """

    _backend_version: str

    def __new__(cls, interface: int, backend_version: str) -> CallableVersion:
        """Return the integer ``interface`` that answers a call with ``backend_version``."""
        made = super().__new__(cls, interface)
        made._backend_version = backend_version
        return made

    def __call__(self) -> str:
        """Return the version of the device."""
        return self._backend_version
