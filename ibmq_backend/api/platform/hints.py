"""What to do about errors of the service; adds it to their messages."""

from __future__ import annotations

from typing import Final

from ibmq_backend.api.platform.instances import KNOWN_REGIONS
from ibmq_backend.exceptions import ApiError, ApiStatusError

_WRONG_INSTANCE: Final = (
    "Check that the CRN belongs to an instance of your account, and that its region is right. "
    "IBMQ.save_account(token, instance=..., overwrite=True) stores another one."
)
_KEY_REFUSED: Final = (
    "Create a new API key at https://cloud.ibm.com/iam/apikeys and save it: "
    "IBMQ.save_account(token, instance=..., overwrite=True)."
)
_NO_QUOTA: Final = "Wait for the next period, or use another instance: IBMQ.providers() lists them."
_UNKNOWN_REGION: Final = (
    " The region in the CRN is {!r}; known regions are " + " and ".join(KNOWN_REGIONS) + "."
)
NAME_THE_CRN: Final = (
    "This request searches the instances of the account. Specify the CRN to avoid it: "
    "IBMQ.save_account(token, instance='crn:...', overwrite=True)."
)
_SESSION_CLOSED: Final = (
    "Open another one, backend.open_session() or backend.open_batch(), or run it without one."
)
_NOT_ISA: Final = "Run transpile(circuit, backend) first."

BY_CODE: Final[dict[int | str, str]] = {
    1200: _KEY_REFUSED,
    1201: _KEY_REFUSED,
    1202: "Wait a minute: the service accepts five new jobs per minute.",
    1204: "Use fewer tags; two of them store the submission id and the job name.",
    1205: "Shorten the tag, or the job name if the tag stores it.",
    1217: _SESSION_CLOSED,
    1219: _KEY_REFUSED,
    1234: "Wait until the job ends: job.wait_for_final_state().",
    1241: _WRONG_INSTANCE,
    1279: _WRONG_INSTANCE,
    1291: "Check the id, and that the job belongs to this instance: IBMQ.providers() lists them.",
    1348: _WRONG_INSTANCE,
    1352: (
        "The plan of this instance does not include this; another one may: IBMQ.providers(). "
        "Every plan includes backend.open_batch()."
    ),
    1517: _NOT_ISA,
    4001: _SESSION_CLOSED,
    4317: _NO_QUOTA,
    5302: "Submit fewer circuits at once.",
    "BXNIM0415E": _KEY_REFUSED,
}
"""Error code to what to do; ``IBMQBackendJobLimitError`` covers too many jobs (1012, 3458)."""

BY_STATUS: Final[dict[int, str]] = {
    401: _KEY_REFUSED,
    403: "The API key or the plan of this instance does not allow this; use another instance.",
    413: "Submit fewer circuits at once.",
}
"""HTTP status to what to do, for errors without a known code."""


def hint_for_code(code: int | str | None) -> str | None:
    """Return what to do about a code, ``None`` for unknown codes."""
    return BY_CODE.get(code) if code is not None else None


def add_step(error: ApiError, step: str) -> None:
    """Add to the message of an error what to do."""
    error.hint = step
    error.message = f"{error.message} {step}"
    error.args = (error.message,)


def add_hint(error: ApiError, region: str | None = None) -> None:
    """Add to the message of an error what to do, and the trace id for IBM's support.

    Args:
        error: the error to change.
        region: the region of the request; ``None`` for the account services.
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
