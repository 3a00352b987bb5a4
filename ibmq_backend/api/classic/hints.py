"""What to do about error codes of the classic service and of its jobs."""

from __future__ import annotations

from typing import Final

from ibmq_backend.exceptions import ApiAuthError, ApiError

_TOKEN: Final = "Copy the token again and save it: IBMQ.save_account(token, url, overwrite=True)."  # noqa: S105
_LICENCE: Final = "Log in on the web page of the service and accept the licence."
_PROJECT: Final = "Use another provider of the account: IBMQ.providers() lists them."
_STATE: Final = (
    "The state of the job does not allow this: job.refresh() updates it, job.status() returns it."
)

_TRANSPILE: Final = "Run transpile(circuit, backend) first and run the circuit that it returns."

_ALIGNED: Final = (
    "Run transpile(circuit, backend, scheduling_method='alap'), or use delays that are multiples "
    "of the samples that backend.configuration().timing_constraints states."
)

BY_CODE: Final[dict[int | str, str]] = {
    1001: "Submit fewer circuits at once.",
    1002: "Change what the message names, or use another device.",
    1102: "Submit fewer circuits at once: backend.configuration().max_experiments is the limit.",
    1103: "Ask for fewer shots: backend.configuration().max_shots is the limit.",
    1104: "Run without memory=True, or on a device whose backend.configuration().memory is True.",
    1106: _TRANSPILE,
    1107: _TRANSPILE,
    1108: "Use a device whose backend.configuration().open_pulse is True.",
    2400: "Check the argument that the message names.",
    2403: "Specify the value that the message names as missing.",
    2409: "The account may not do this: use another provider, or ask the owner of the project.",
    2620: "Check the name: provider.backends() lists the devices of the account.",
    2911: _PROJECT,
    2913: _PROJECT,
    3207: "Use the provider with which the job was run: IBMQ.providers() lists them.",
    3211: "Check what the message names; job.refresh() updates the state of the job.",
    3213: _STATE,
    3214: _STATE,
    3250: "Check the id, and use the provider with which the job was run: IBMQ.providers().",
    3251: "Run the circuits again: the upload of this job was not completed.",
    3265: "Run this on another device: backend.configuration() describes what it supports.",
    3444: _LICENCE,
    3445: _TOKEN,
    3446: _TOKEN,
    3452: _LICENCE,
    3458: "Wait for one of the unfinished jobs to end, or cancel one.",
    7000: _TRANSPILE,
    7001: _TRANSPILE,
    7002: "Run without memory=True, or on a device whose backend.configuration().memory is True.",
    7003: "Give the circuit as many classical bits as it has qubits.",
    7004: "Measure each qubit once.",
    7006: "Remove the instructions after the measurement of a qubit.",
    8000: "Use a frequency in backend.configuration().qubit_lo_range or meas_lo_range.",
    8013: "Remove the conditions, or use a device whose configuration().conditional is True.",
    8036: _ALIGNED,
    8043: _ALIGNED,
    "ACCEPT_LICENSE_REQUIRED": _LICENCE,
    "TOO_MANY_REQUESTS": "Wait and call again: automatic retries have failed.",
}
"""Error code to what to do, in a sentence."""


def hint_for_code(code: object) -> str | None:
    """Return what to do about a code, ``None`` for unknown codes."""
    return BY_CODE.get(code) if isinstance(code, int | str) else None


def add_hint(error: ApiError) -> None:
    """Add to an error what to do about its code, if that is known."""
    error.hint = hint_for_code(error.code) or error.hint
    if isinstance(error, ApiAuthError) and error.hint and error.hint not in error.message:
        error.message += f" {error.hint}"
        error.args = (error.message,)
