import os
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ibmq_backend.units import format_time, parse_time, to_local, to_utc


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()
    assert os.environ.get("TZ") != request.param or request.param == "UTC"


def test_service_times_are_converted_to_utc():
    expected = datetime(2021, 5, 4, 11, 34, 58, 965000, tzinfo=UTC)
    assert parse_time("2021-05-04T11:34:58.965Z") == expected
    assert parse_time("2021-05-04T11:34:58.965") == expected
    assert parse_time("2021-05-04T13:34:58.965+02:00") == expected


@pytest.mark.parametrize("month", [1, 3, 7, 11])
def test_naive_input_is_local_time(zone, month):
    naive = datetime(2021, month, 14, 12, 30)
    assert to_utc(naive) == naive.astimezone(UTC)
    assert to_utc(naive).utcoffset() == timedelta(0)
    assert to_utc(naive.isoformat()) == to_utc(naive)


def test_aware_times_are_converted(zone):
    aware = datetime(2021, 7, 14, 12, 30, tzinfo=timezone(timedelta(hours=5)))
    assert to_utc(aware) == aware
    assert to_local(aware) == aware
    assert to_local(aware).utcoffset() == aware.astimezone().utcoffset()


@pytest.mark.parametrize("offset", [None, -12, 0, 14])
def test_times_beyond_the_calendar_are_its_ends(zone, offset):
    given = None if offset is None else timezone(timedelta(hours=offset))
    first, last = (each.replace(tzinfo=given) for each in (datetime.min, datetime.max))
    ends = [each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max)]
    for convert in (to_utc, to_local):
        for moment, end in zip((first, last), ends, strict=True):
            assert abs(convert(moment) - end) <= timedelta(days=1)
    if offset is not None:
        assert parse_time(first.isoformat()) == to_utc(first.isoformat()) == to_utc(first)
    assert to_utc(datetime(1, 1, 3)) > to_utc(first)


def test_a_subclass_of_datetime_is_converted(zone):
    class Timestamp(datetime):  # as strict as that of pandas
        def astimezone(self, tz=None):
            raise TypeError("Cannot convert tz-naive Timestamp")

    assert to_utc(Timestamp(2021, 7, 14, 12)) == to_utc(datetime(2021, 7, 14, 12))


def test_times_are_sent_in_utc():
    aware = datetime(2021, 7, 14, 12, 30, tzinfo=timezone(timedelta(hours=5)))
    assert format_time(aware) == "2021-07-14T07:30:00+00:00"


def test_an_error_names_an_invalid_time():
    with pytest.raises(TypeError, match="not int: 5"):
        to_utc(5)
    with pytest.raises(ValueError, match="'yesterday' is not an ISO-8601 time"):
        to_utc("yesterday")
