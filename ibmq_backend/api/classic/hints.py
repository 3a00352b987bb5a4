"""What to do about an error of the classic service, or of a job there, by its code."""

from __future__ import annotations

from typing import Final

from ibmq_backend.exceptions import ApiError

_TOKEN: Final = "Copy the token again and save it: IBMQ.save_account(token, url, overwrite=True)."  # noqa: S105
_LICENCE: Final = "Log in on the web page of the service and accept the licence there."
_PROJECT: Final = "Choose a provider of the account: IBMQ.providers() lists them."
_STATE: Final = "Read the state with job.refresh(); wait for its end, or leave the job as it is."

_TRANSPILE: Final = "Run transpile(circuit, backend) first, and run what it returns."

BY_CODE: Final[dict[int | str, str]] = {
    1001: "Submit fewer circuits at once.",
    1106: _TRANSPILE,
    1107: _TRANSPILE,
    2400: "Check the argument that the message names.",
    2403: "Give the value that the message says is missing.",
    2409: "Call again: an address of the object storage holds for some days only.",
    2620: "Check the name: provider.backends() lists the devices of the account.",
    2911: _PROJECT,
    2913: _PROJECT,
    3207: "Use the provider that the job was run with: IBMQ.providers() lists them.",
    3211: _STATE,
    3213: _STATE,
    3214: _STATE,
    3250: "Check the id, and use the provider that the job was run with.",
    3251: "Run the circuits again: the upload of this job never came to an end.",
    3265: "Run this on another device: backend.configuration() tells what it takes.",
    3444: _LICENCE,
    3445: _TOKEN,
    3446: _TOKEN,
    3452: _LICENCE,
    3458: "Wait for one of the unfinished jobs to end, or cancel one.",
    7001: _TRANSPILE,
    7006: "Measure what is to be counted: circuit.measure_all().",
    "ACCEPT_LICENSE_REQUIRED": _LICENCE,
    "TOO_MANY_REQUESTS": "Wait and call again; what may be repeated is repeated by itself.",
}
"""Error code to the next step, in a sentence."""


def hint_for_code(code: object) -> str | None:
    """The next step for a code, ``None`` where none is known."""
    return BY_CODE.get(code) if isinstance(code, int | str) else None


def add_hint(error: ApiError) -> None:
    """Let an error tell the next step for its code, where that is known."""
    error.hint = hint_for_code(error.code) or error.hint
