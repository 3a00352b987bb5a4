"""What to do about an error of the service: completes messages that stop at what went wrong."""

from __future__ import annotations

from typing import Final

from ibmq_backend.api.platform.instances import KNOWN_REGIONS
from ibmq_backend.exceptions import ApiError, ApiStatusError

_WRONG_INSTANCE: Final = (
    "Check the instance (CRN) of the account: it has to be one of yours, and its region is part of "
    "it. IBMQ.save_account(token, instance=..., overwrite=True) stores another."
)
_KEY_REFUSED: Final = (
    "Make a new API key at https://cloud.ibm.com/iam/apikeys and store it with "
    "IBMQ.save_account(token, instance=..., overwrite=True)."
)
_NO_QUOTA: Final = (
    "Wait for the next period, or use another instance: IBMQ.providers() lists all of them."
)
_UNKNOWN_REGION: Final = (
    " The CRN names the region {!r}; known are " + " and ".join(KNOWN_REGIONS) + "."
)
_NOT_ISA: Final = "Run transpile(circuit, backend) first."

BY_CODE: Final[dict[int | str, str]] = {
    1200: _KEY_REFUSED,
    1201: _KEY_REFUSED,
    1202: "Wait a minute; the service takes five new jobs a minute.",
    1204: "A job has at most 8 tags; two of them are needed for its own id and its name.",
    1205: "A tag has at most 86 characters.",
    1219: _KEY_REFUSED,
    1234: "Wait for the end of the job: job.wait_for_final_state().",
    1241: _WRONG_INSTANCE,
    1279: _WRONG_INSTANCE,
    1291: "Check the id, and that the job belongs to this instance: IBMQ.providers() lists all.",
    1348: _WRONG_INSTANCE,
    1352: "The plan of this instance does not offer it; another instance may.",
    1517: _NOT_ISA,
    4317: _NO_QUOTA,
    5302: "Submit fewer circuits at once.",
    "BXNIM0415E": _KEY_REFUSED,
}
"""Error code to the next step, in a sentence; the face says that of too many jobs (1012, 3458)."""

BY_STATUS: Final[dict[int, str]] = {
    401: _KEY_REFUSED,
    403: "This key, or the plan of this instance, does not allow it.",
    413: "Submit fewer circuits at once.",
}
"""HTTP status to the next step, for errors without a known code."""


def hint_for_code(code: int | str | None) -> str | None:
    """The next step for a code, ``None`` where none is known."""
    return BY_CODE.get(code) if code is not None else None


def add_hint(error: ApiError, region: str | None = None) -> None:
    """Complete the message of an error: the next step, and the trace id to quote to IBM.

    Args:
        error: its message is changed.
        region: where the request went, ``None`` for the account services.
    """
    if region is not None and region not in KNOWN_REGIONS and error.code is None:
        error.message += _UNKNOWN_REGION.format(region)
        error.args = (error.message,)
    if not isinstance(error, ApiStatusError):
        return
    step = hint_for_code(error.code) or BY_STATUS.get(error.status_code)
    error.hint = step or error.hint
    parts = [error.message]
    if step and step not in error.message:
        parts.append(step)
    if error.trace_id and error.trace_id not in error.message:
        parts.append(f"(Trace id {error.trace_id}.)")
    error.message = " ".join(parts)
    error.args = (error.message,)
