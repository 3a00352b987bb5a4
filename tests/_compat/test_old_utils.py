"""Internal helpers of the original package that programs import."""

from datetime import UTC, datetime, timedelta

import pytest

from ibmq_backend._compat.job_states import API_JOB_FINAL_STATES, ApiJobStatus
from ibmq_backend._compat.old_utils import (
    duration_difference,
    local_to_utc,
    local_to_utc_str,
    seconds_to_duration,
    utc_to_local,
    utc_to_local_all,
    validate_job_tags,
)
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError


def test_times():
    moment = datetime(2021, 5, 4, 12, 30, tzinfo=UTC)
    assert (
        utc_to_local("2021-05-04T12:30:00Z") == utc_to_local(datetime(2021, 5, 4, 12, 30)) == moment
    )
    assert utc_to_local(moment).tzinfo is not None
    assert local_to_utc(moment.astimezone().replace(tzinfo=None)) == moment
    assert local_to_utc_str(moment) == "2021-05-04T12:30:00Z"
    assert utc_to_local_all({"a": [moment, "text"], "b": {"c": moment}}) == {
        "a": [moment, "text"],
        "b": {"c": moment},
    }
    with pytest.raises(TypeError):
        utc_to_local(5)


def test_durations():
    assert seconds_to_duration(93784.5) == (1, 2, 3, 4, 500)
    assert seconds_to_duration(0) == (0, 0, 0, 0, 0)
    later = datetime.now() + timedelta(hours=3, minutes=10, seconds=30)
    assert duration_difference(later) == "3 hr 10 min"
    assert duration_difference(datetime(2019, 1, 1)) == "0 sec"


def test_tags():
    validate_job_tags(None)
    validate_job_tags(["a"])
    with pytest.raises(IBMQBackendValueError):
        validate_job_tags("a")
    with pytest.raises(IBMQJobManagerInvalidStateError):
        validate_job_tags([1], IBMQJobManagerInvalidStateError)


def test_states():
    assert ApiJobStatus("COMPLETED") in API_JOB_FINAL_STATES
    assert ApiJobStatus.RUNNING not in API_JOB_FINAL_STATES
