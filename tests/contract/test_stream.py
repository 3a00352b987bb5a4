"""The status stream, which is a websocket, so cassettes cannot contain it."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiError
from ibmq_backend.records import Submission
from tests.contract.targets import DEVICE, Target
from tests.support.builders import flipped

pytestmark = [pytest.mark.streams, pytest.mark.needs(Capability.STATUS_STREAM)]


@pytest.mark.service
def test_stream_yields_every_status(target: Target, account: AccountClient) -> None:
    assert Capability.STATUS_STREAM in account.capabilities
    target.pause(DEVICE)
    job_id = account.submit(Submission(DEVICE, flipped(DEVICE), target.tag(1))).job_id
    target.wait_for(account, job_id, {"QUEUED"})
    stream = account.watch_job(job_id, timeout=120.0)
    assert next(stream).status == "QUEUED"
    target.resume(DEVICE)
    records = list(stream)
    assert {record.job_id for record in records} == {job_id}
    assert [record.status for record in records if record.status != "QUEUED"] in (
        ["RUNNING", "DONE"],
        ["DONE"],
    )
    assert account.job_status(job_id).status == "DONE"


def test_stream_of_an_unknown_job_fails(account: AccountClient) -> None:
    with pytest.raises(ApiError):
        list(account.watch_job("0" * 24, timeout=120.0))
