"""Fault schedules: random faults during one ``run()``."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import strategies as st

SCHEDULES = int(os.environ.get("IBMQ_BACKEND_FAULT_SCHEDULES", "0"))
"""Number of schedules for each dialect; 0 for the default of the test."""

SUBMISSION = {
    "classic": (
        "loginWithToken",
        "createJob",
        "putStoredObject",
        "markJobDataUploaded",
        "listJobStatuses",
        "getJobUploadUrl",
        "getJobStatus",
        "cancelJob",
        "deleteJob",
    ),
    "platform": ("exchangeToken", "createJob", "listJobs"),
}
"""The operations that a submission may use."""

_WITHOUT_TOKEN = {"loginWithToken", "exchangeToken", "putStoredObject"}  # send no access token
_CLEANUP = {"cancelJob", "deleteJob"}

_STATUSES = (400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, 520, 524)
# Statuses with which a service may answer although it did what was asked. Refusals (400, 429, ...)
# are not among them: nothing protects against a service that refuses and acts.
_STATUSES_AFTER_SUCCESS = (401, 408, 500, 502, 503, 504, 520, 524)
_QUICK_KINDS = st.one_of(
    st.builds(lambda status: {"kind": "status", "status": status}, st.sampled_from(_STATUSES)),
    st.builds(
        lambda status: {"kind": "status", "status": status, "handled": True},
        st.sampled_from(_STATUSES_AFTER_SUCCESS),
    ),
    st.builds(
        lambda status, handled: {"kind": "html", "status": status, "handled": handled},
        st.sampled_from((200, 502, 503)),
        st.booleans(),
    ),
    st.builds(
        lambda body, handled: {"kind": "wrong_json", "body": body, "handled": handled},
        st.sampled_from(('{"id": ', "[]", '{"a": 1}', "null")),
        st.booleans(),
    ),
    st.builds(
        lambda seconds, date: {"kind": "rate_limit", "retry_after": seconds, "as_date": date},
        st.sampled_from((0, 1, 30)),
        st.booleans(),
    ),
    st.sampled_from(
        [
            {"kind": "refuse"},
            {"kind": "refuse", "how": "reset"},
            {"kind": "reset_before"},
            {"kind": "reset_before", "after_bytes": 10},
            {"kind": "reset_during"},
            {"kind": "lost_response"},
            {"kind": "lost_response", "how": "reset"},
            {"kind": "truncate"},
            {"kind": "truncate", "after_bytes": 0},
            {"kind": "clock_skew", "seconds": 7200.0},
            {"kind": "clock_skew", "seconds": -7200.0},
        ]
    ),
)
_TOKEN_KINDS = st.just({"kind": "expired_token"})
_SLOW_KINDS = st.sampled_from(
    [
        {"kind": "stall", "seconds": 30.0},
        {"kind": "delay", "seconds": 30.0},
        {"kind": "delay", "seconds": 30.0, "handled": False},
    ]
)
"""Each attempt with one of these takes a read timeout."""


@st.composite
def _faults_of(draw: st.DrawFn, operation: str) -> list[dict[str, Any]]:
    kinds = [_QUICK_KINDS, _QUICK_KINDS, _QUICK_KINDS]
    if operation not in _WITHOUT_TOKEN:
        kinds.append(_TOKEN_KINDS)
    # The client cannot remove an unfinished job if cancelling or deleting keeps failing.
    last = 2 if operation in _CLEANUP else 8
    faults = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(1, last))
        if draw(st.integers(0, 9)) == 0:
            kind, end = draw(_SLOW_KINDS), first
        else:
            kind = draw(st.one_of(kinds))
            end = draw(st.integers(first, min(last, first + 6)))
        faults.append({"operation": operation, "calls": f"{first}-{end}", **kind})
    return faults


def schedules(dialect: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for scripts with up to two faults for every operation of a submission."""
    parts = [_faults_of(operation) for operation in SUBMISSION[dialect]]
    return st.tuples(*parts).map(lambda lists: [fault for faults in lists for fault in faults])
