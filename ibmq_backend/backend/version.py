"""``backend.version``, which is an integer and can be called."""

from __future__ import annotations


class CallableVersion(int):
    """Terra's interface version (1 or 2), which can be called for the oldest programs.

    ``backend.version`` is the integer that Terra compares; ``backend.version()`` was the version
    of the device or simulator before Terra 0.16.
    """

    _backend_version: str

    def __new__(cls, interface: int, backend_version: str) -> CallableVersion:
        """Create the integer ``interface``; calling it returns ``backend_version``."""
        made = super().__new__(cls, interface)
        made._backend_version = backend_version
        return made

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]
        """Return the arguments with which copies and unpickled versions are created."""
        return int(self), self._backend_version

    def __call__(self) -> str:
        """Return the version of the device or simulator."""
        return self._backend_version
