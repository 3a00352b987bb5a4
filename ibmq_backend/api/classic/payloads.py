"""Builds the request that creates a job, and the data to upload."""

from __future__ import annotations

import json

import orjson
from ibmq_api_classic.models import BackendSelection, JobRequest
from ibmq_api_classic.types import UNSET

from ibmq_backend.records import Document, Submission


def job_request(submission: Submission) -> JobRequest:
    """Return the request for a job without data, tagged with the submission id."""
    return JobRequest(
        backend=BackendSelection(name=submission.backend_name),
        allow_object_storage=True,
        live_data_enabled=submission.live_data,
        name=submission.name or UNSET,
        tags=[*submission.tags, submission.submission_id],
        experiment_tag=submission.experiment_id or UNSET,
    )


def encode_qobj(document: Document) -> bytes:
    """Return a Qobj document in JSON types as text; headers may contain ``NaN`` and infinity.

    Source: the tokens ``NaN`` and ``Infinity``, which JSON lacks, are those that
    qiskit-ibmq-provider 0.20.2 sent.
    """
    encoded = {
        name: [_with_encoded_header(each) for each in part] if name == "experiments" else part
        for name, part in document.items()
    }
    try:
        return orjson.dumps(_with_encoded_header(encoded))
    except TypeError:  # an unpaired surrogate, or an integer of more than 64 bits
        return json.dumps(document).encode()


def _with_encoded_header(part: Document) -> Document:
    """Return a part of a Qobj with its header as text, since orjson has no ``NaN``."""
    if "header" not in part:
        return part
    return {**part, "header": orjson.Fragment(json.dumps(part["header"]))}
