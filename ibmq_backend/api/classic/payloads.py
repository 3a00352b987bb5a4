"""What is submitted, as the service reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ibmq_api_classic.models import BackendSelection, JobRequest
from ibmq_api_classic.types import UNSET

from ibmq_backend.api.plain_json import plain_value
from ibmq_backend.exceptions import ApiError
from ibmq_backend.records import Submission


def job_request(submission: Submission) -> JobRequest:
    """Return the request for a job without data, tagged with the submission's id."""
    return JobRequest(
        backend=BackendSelection(name=submission.backend_name),
        allow_object_storage=True,
        live_data_enabled=submission.live_data,
        name=submission.name or UNSET,
        tags=[*submission.tags, submission.submission_id],
        experiment_tag=submission.experiment_id or UNSET,
    )


def encode_qobj(document: Mapping[str, Any]) -> bytes:
    """Return a Qobj document as JSON text in UTF-8.

    Complex numbers become ``[re, im]``, arrays lists, parameter expressions without free
    parameters numbers.

    Raises:
        ApiError: something in it has no JSON form; nothing was sent.
    """
    try:
        return json.dumps(document, default=plain_value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ApiError(
            f"The Qobj cannot be written as JSON: {error}", operation="createJob", accepted=False
        ) from error
