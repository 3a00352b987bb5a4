"""The fixtures of the platform dialect."""

from tests.emulator.platform.conftest import _replies_as_described, client, service

__all__ = ["_replies_as_described", "client", "service"]
