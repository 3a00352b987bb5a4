"""The notice that the jobs of a session are emulated."""

from __future__ import annotations

from typing import Final

from qiskit.providers import BackendV1

from ibmq_backend.credentials import LOCAL_VARIABLE, local_choice
from ibmq_backend.exceptions import IBMQError
from ibmq_backend.notices import notify_once, was_shown

KIND: Final = "local"
"""The kind of the notice; ``IBMQ.enable_local()`` marks it as shown."""


def notify_emulated(backend: BackendV1) -> None:
    """Say once per session that jobs run on the local emulator, unless the user asked for it.

    Wire: getBackendProperties the first time, if the calibration is not cached.
    """
    if was_shown(KIND):
        return
    name = backend.name()
    try:
        properties = backend.properties()
    except IBMQError:  # the job itself may still run
        properties = None
    date = f" (calibration of {properties.last_update_date:%Y-%m-%d})" if properties else ""
    notify_once(KIND, f"{name} is emulated{date}. {_how_to_change()}")


def notify_no_account(problem: str) -> None:
    """Say once per session that devices are emulated although an account was expected.

    Args:
        problem: sentence about a call that needs an account.
    """
    notify_once(KIND, f"{problem} Devices are emulated. {_how_to_change()}")


def _how_to_change() -> str:
    if local_choice() == "always":
        return f"For real devices unset {LOCAL_VARIABLE}."
    return (
        "Real devices: IBMQ.save_account(API_KEY, instance=CRN). "
        f"Error instead: {LOCAL_VARIABLE}=never."
    )
