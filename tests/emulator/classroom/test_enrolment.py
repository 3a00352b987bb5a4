"""The users of a service that runs: their limits, the end of a class, and replacing them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
from ibmq_backend.emulator.classroom.accounts_file import AccountsFile, Booking
from ibmq_backend.emulator.classroom.enrolment import Enrolment
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import EmulatorError, NotLoggedIn
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.service_state import ServiceState, Settings
from tests.emulator.classic.handlers.test_stream import authenticate, open_stream, receive
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import GRANT, PlatformClient
from tests.support.emulator import Client, error_of
from tests.support.engines import FakeEngine

ADA, BOB = User("ada", "token-of-ada"), User("bob", "token-of-bob")
COURSE = Instance("uni", "physics", "course")
FILE = AccountsFile((ADA, BOB), admin_token="token-of-the-teacher")
NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)
BOOKING = Booking("ada", OPEN_INSTANCE, "ibmq_5_yorktown", NOON, NOON.replace(hour=13))
ENDED = "This class ended on 2021-05-05: logins and new jobs are no longer accepted."


@pytest.fixture
def service(make_service: ServiceMaker, clock: ManualClock) -> LocalService:
    return make_service(Settings(bearer_seconds=1_000_000), clock=clock)


@pytest.fixture
def enrolment(service: LocalService) -> Enrolment:
    made = Enrolment(service.service_state, service.dialects.platform.state)
    made.apply(FILE)
    return made


def log_in(service: LocalService, user: User) -> Client:
    return Client(service.url, user.api_token)


def exchange(service: LocalService, user: User) -> httpx.Response:
    form = {"grant_type": GRANT, "apikey": user.api_token}
    return httpx.post(f"{service.url}/identity/token", data=form, trust_env=False)


def test_limits_of_users_and_devices(service: LocalService, enrolment: Enrolment) -> None:
    ada = replace(ADA, limits={"ibmq_5_yorktown": 7, "ibm_oslo": 1})
    file = replace(FILE, users=(ada, BOB), limits={"devices": 2, "simulators": 3, "ibmq_rome": 0})
    assert enrolment.apply(file) == "1 user changed, limits changed"
    shown = {
        (user.name, device): log_in(service, user).json(f"P/devices/{device}/jobsLimit")
        for user in (ADA, BOB)
        for device in ("ibmq_vigo", "ibmqx2", "ibmq_rome", "ibmq_qasm_simulator")
    }
    assert [one["maximumJobs"] for one in shown.values()] == [2, 7, 0, 3, 2, 2, 0, 3]
    main = log_in(service, ADA).json("/Network")[0]["groups"]["open"]["projects"]["main"]
    limits = {one["name"]: one["configuration"]["limit"] for one in main["devices"].values()}
    assert (limits["ibmqx2"], limits["ibmq_vigo"]) == (7, 2)
    refused = log_in(service, BOB).post("P/Jobs", json={"backend": {"name": "ibmq_rome"}})
    assert error_of(refused) == (400, 3458)


def test_limits_hold_in_the_platform_dialect(
    service: LocalService, enrolment: Enrolment, engine: FakeEngine
) -> None:
    enrolment.apply(replace(FILE, users=(replace(ADA, limits={"ibm_oslo": 1}), BOB)))
    engine.hold()
    clients = [PlatformClient(service, user.api_token) for user in (ADA, BOB)]
    statuses = [
        [client.create(backend="ibm_oslo").status_code for _ in range(2)] for client in clients
    ]
    assert statuses == [[200, 409], [200, 200]]


def test_limits_count_the_jobs_in_all_projects_and_dialects(
    service: LocalService, enrolment: Enrolment, engine: FakeEngine
) -> None:
    file = replace(FILE, projects=(Project(COURSE),), limits={"ibm_oslo": 2})
    enrolment.apply(file)
    engine.hold()
    course = f"/Network/{COURSE.hub}/Groups/{COURSE.group}/Projects/{COURSE.project}"
    ada, platform = log_in(service, ADA), PlatformClient(service, ADA.api_token)
    job = {"backend": {"name": "ibm_oslo"}, "allowObjectStorage": True}
    assert ada.post("P/Jobs", json=job).status_code == 200
    assert platform.create(backend="ibm_oslo").status_code == 200
    assert error_of(Client(service.url, ADA.api_token, course).post("P/Jobs", json=job))[1] == 3458
    assert platform.create(backend="ibm_oslo").status_code == 409
    assert ada.json("P/devices/ibm_oslo/jobsLimit") == {"maximumJobs": 2, "runningJobs": 2}
    assert log_in(service, BOB).post("P/Jobs", json=job).status_code == 200
    enrolment.apply(replace(file, limits={}))  # the limit of the service is that of a project
    assert ada.json("P/devices/ibm_oslo/jobsLimit") == {"maximumJobs": 5, "runningJobs": 1}


def test_the_end_of_a_class(
    service: LocalService, enrolment: Enrolment, engine: FakeEngine, clock: ManualClock
) -> None:
    assert enrolment.apply(replace(FILE, last_day=date(2021, 5, 5))) == "end date changed"
    client, platform = log_in(service, ADA), PlatformClient(service, ADA.api_token)
    engine.hold()
    job_id = client.submit()
    clock.advance(20 * 3600)  # on the last day
    assert log_in(service, BOB).get("/users/me").status_code == 200
    clock.advance(30 * 3600)
    engine.release()
    assert client.wait(job_id)["status"] == "COMPLETED"
    assert client.result(job_id)["success"] is True

    login = httpx.post(
        f"{service.url}/users/loginWithToken",
        json={"apiToken": ADA.api_token},
        trust_env=False,
    )
    for reply in (login, client.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}})):
        assert error_of(reply) == (403, 2409)
        assert reply.json()["error"]["message"] == ENDED
    assert exchange(service, ADA).status_code == 403
    assert exchange(service, ADA).json()["errorMessage"] == ENDED
    for header in (f"apikey {ADA.api_token}", platform.http.headers["Authorization"]):
        platform.http.headers["Authorization"] = header
        refused = platform.create()
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["message"] == ENDED
    admin = {"Authorization": f"Bearer {FILE.admin_token}"}
    url = f"{service.url}/admin/jobs"
    assert httpx.get(url, headers=admin, trust_env=False).status_code == 200


def test_removed_users_are_logged_out(
    service: LocalService, enrolment: Enrolment, engine: FakeEngine
) -> None:
    engine.hold()
    ada, bob = log_in(service, ADA), log_in(service, BOB)
    bearer = PlatformClient(service, ADA.api_token)
    job_id = ada.submit()
    with open_stream(ada, job_id) as stream:
        authenticate(stream, ada.token)
        assert receive(stream) == {"type": "authenticated"}
        assert enrolment.apply(replace(FILE, users=(BOB,))) == "1 user removed"
        with pytest.raises(ConnectionClosed, match="1008"):
            list(stream)
    assert error_of(ada.get("/users/me")) == (401, 3445)
    assert bearer.get("jobs").status_code == 401
    assert exchange(service, ADA).status_code == 400
    assert bob.get("/users/me").status_code == 200

    enrolment.apply(replace(FILE, users=(replace(ADA, api_token="another"), BOB)))
    assert error_of(ada.get("/users/me")) == (401, 3445)
    assert bearer.get("jobs").status_code == 401
    assert Client(service.url, "another").status(job_id)["status"] == "RUNNING"


def test_projects_and_instances(service: LocalService, enrolment: Enrolment) -> None:
    client, platform = log_in(service, ADA), PlatformClient(service, ADA.api_token)
    file = replace(
        FILE,
        projects=(Project(COURSE, default=True),),
        instances=(ServiceInstance("course"),),
        open_mode=True,
        admin_token="another-token-of-the-teacher",
    )
    assert enrolment.apply(file) == (
        "projects changed, open changed, platform instances changed, admin token changed"
    )
    assert [hub["name"] for hub in client.json("/Network")] == ["ibm-q", "uni"]
    assert platform.get("jobs").status_code == 404  # its instance is gone
    assert Client(service.url, "any token").json("/users/me")["firstName"].startswith("user-")
    assert not service.service_state.accounts.is_admin(str(FILE.admin_token))
    assert enrolment.apply(file) == ""


def test_bookings_of_the_file_only(service: LocalService, enrolment: Enrolment) -> None:
    reservations = service.service_state.reservations
    own = reservations.add("b" * 24, COURSE, "ibmq_vigo", NOON, NOON.replace(hour=13))

    def booked() -> list[tuple[str, int]]:
        return [
            (one.backend_name, one.end_ms - one.start_ms)
            for name in ("ibmqx2", "ibmq_vigo")
            for one in reservations.list_for_backend(name, 0, None)
        ]

    hour = 3_600_000
    assert enrolment.apply(replace(FILE, bookings=(BOOKING,))) == "bookings changed"
    assert booked() == [("ibmqx2", hour), ("ibmq_vigo", hour)]
    longer = replace(BOOKING, end=NOON.replace(hour=14))
    enrolment.apply(replace(FILE, bookings=(longer,)))
    assert booked() == [("ibmqx2", 2 * hour), ("ibmq_vigo", hour)]
    restarted = Enrolment(service.service_state, service.dialects.platform.state)
    restarted.apply(replace(FILE, bookings=None))
    assert len(booked()) == 2
    restarted.apply(FILE)
    assert booked() == [("ibmq_vigo", hour)]
    assert own.backend_name == "ibmq_vigo"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"users": (ADA, ADA)}, "'ada' needs a unique name"),
        ({"users": (ADA, replace(BOB, api_token=ADA.api_token))}, "unique API token"),
        ({"users": (replace(ADA, instances=(COURSE,)),)}, "unknown project uni/physics/course"),
        ({"users": (replace(ADA, limits={"ibmq_vgo": 1}),)}, "the limit of an unknown device"),
        ({"limits": {"ibmq_vgo": 1}}, "the limit of an unknown device"),
        ({"projects": (Project(COURSE, devices=("ibmq_vgo",)),)}, "uni/physics/course"),
        ({"instances": (ServiceInstance("a", devices=("ibm_oslo_2",)),)}, "ibm_oslo_2"),
        ({"admin_token": ADA.api_token}, "must differ from the API tokens"),
        ({"bookings": (replace(BOOKING, backend="ibmq_vgo"),)}, "a booking of an unknown device"),
        ({"bookings": (replace(BOOKING, end=NOON),)}, "must end after it starts"),
        (
            {"bookings": (BOOKING, replace(BOOKING, user="bob", end=NOON.replace(hour=15)))},
            "already booked",
        ),
    ],
)
def test_a_wrong_file_changes_nothing(
    tmp_path: Path, catalog: Catalog, changes: dict[str, Any], says: str
) -> None:
    state = ServiceState(str(tmp_path / "s.sqlite"), catalog=catalog)
    enrolment = Enrolment(state, PlatformState(state))
    enrolment.apply(FILE)
    before = (state.accounts.directory, state.network)
    with pytest.raises(EmulatorError, match=says) as caught:
        enrolment.apply(replace(FILE, **changes))
    assert "token-of" not in str(caught.value)
    assert (state.accounts.directory, state.network) == before
    assert state.reservations.list_for_backend("ibmqx2", 0, None) == []
    assert enrolment.apply(FILE) == ""
    state.close()


@pytest.mark.postgres
def test_several_servers_with_the_same_file(postgres_url: str, catalog: Catalog) -> None:
    servers = [ServiceState(postgres_url, catalog=catalog) for _ in range(2)]
    enrolments = [Enrolment(one, PlatformState(one)) for one in servers]

    def apply(file: AccountsFile) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda enrolment: enrolment.apply(file), enrolments))

    apply(replace(FILE, bookings=(BOOKING, replace(BOOKING, backend="ibmq_rome"))))
    token = servers[0].accounts.login(ADA.api_token).access_token
    assert servers[1].accounts.authenticate(token).name == "ada"
    apply(replace(FILE, users=(BOB,), bookings=(replace(BOOKING, user="bob"),)))
    for server in servers:
        (booked,) = server.reservations.list_for_backend("ibmqx2", 0, None)
        assert booked.user_id == server.accounts.user_id("bob")
        assert server.reservations.list_for_backend("ibmq_rome", 0, None) == []
        with pytest.raises(NotLoggedIn):
            server.accounts.authenticate(token)
        server.close()
