"""``backend.properties(datetime=...)`` in both dialects, against the emulator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings

CLASSIC = ("classic", "ibmq_vigo", "2021-01-20T08:30:10", "2020-08-10T06:26:39")
PLATFORM = ("platform", "ibm_sherbrooke", "2025-02-26T19:43:10", "2024-05-27T18:19:05")
TOO_EARLY = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def service(engine) -> Iterator[LocalService]:
    with LocalService(settings=Settings(), engine=engine) as running:
        yield running


@pytest.fixture
def connect(service):
    def connect(dialect: str, name: str):
        if dialect == "platform":
            url, options = service.platform_url, {"instance": service.crn}
            return IBMQ.enable_account(service.api_key, url, **options).get_backend(name)
        return IBMQ.enable_account(service.api_token, service.url).get_backend(name)

    return connect


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the local time to nine hours before UTC."""
    monkeypatch.setenv("TZ", "XXX+9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("dialect", "name", "newest", "before"), [CLASSIC, PLATFORM])
def test_the_newest_calibration_before_a_time(connect, zone, dialect, name, newest, before) -> None:
    backend = connect(dialect, name)
    moment = datetime.fromisoformat(newest).replace(tzinfo=UTC)
    older = datetime.fromisoformat(before).replace(tzinfo=UTC)
    second = timedelta(seconds=1)
    local = moment.replace(tzinfo=None) - timedelta(hours=9)
    assert backend.properties().last_update_date == moment
    for asked, expected in (
        (datetime.now(), moment),
        (moment + second, moment),
        (moment, older),
        (moment.astimezone(timezone(timedelta(hours=5))), older),
        (local + second, moment),
        (local, older),
        (older + second, older),
    ):
        found = backend.properties(datetime=asked)
        assert found.last_update_date == expected, asked
        assert found.backend_name == name
        assert found.last_update_date.utcoffset() == timedelta(hours=-9)
    assert backend.properties(datetime=TOO_EARLY) is None
    assert backend.properties().last_update_date == moment


@pytest.mark.parametrize(
    ("dialect", "name", "date", "newest"),
    [
        ("classic", "ibmq_vigo", "2020-05", "2020-04-28"),
        ("platform", "ibm_sherbrooke", "2024-06", "2024-05-27"),
    ],
)
def test_a_service_on_a_date(engine, dialect, name, date, newest) -> None:
    catalog = Catalog(DeviceOptions.of(date=date))
    with LocalService(settings=Settings(), engine=engine, catalog=catalog) as service:
        if dialect == "platform":
            url, options = service.platform_url, {"instance": service.crn}
            provider = IBMQ.enable_account(service.api_key, url, **options)
        else:
            provider = IBMQ.enable_account(service.api_token, service.url)
        backend = provider.get_backend(name)
        properties, configuration = backend.properties(), backend.configuration()
        assert properties.last_update_date.astimezone(UTC).date().isoformat() == newest
        assert properties.backend_version == configuration.backend_version
        assert backend.properties(datetime=datetime.now()).to_dict() == properties.to_dict()
        assert backend.properties(datetime=TOO_EARLY) is None
        single = {"u1", "u2", "u3", "id"} if dialect == "classic" else {"rz", "sx", "x", "id"}
        assert single <= set(configuration.basis_gates)
        assert "ibmq_manila" not in {each.name() for each in provider.backends()}
        IBMQ.disable_account()
