"""Numbers in requests that are too large for the database or a plan."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.core.clock import parse_moment
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.timing_model import Realistic, Work
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS
from ibmq_backend.emulator.service_state import Settings
from tests.support.emulated_platform import QASM, PlatformClient, refused, sampler
from tests.support.emulator import Client, bell, login

NUMBERS = (str(2**63), str(10**30), str(-(10**30)), "1e400")
N = "<number>"
"""Placeholder for the number in a body."""

JOB_FIELDS: list[dict[str, Any]] = [
    {"shots": N},
    {"version": N},
    {"pubs": [[QASM, None, N]]},
    {"options": {"default_shots": N}},
    {"options": {"execution": {"rep_delay": N}}},
    {"options": {"twirling": {"num_randomizations": N}}},
    {"options": {"twirling": {"shots_per_randomization": N}}},
    {"options": {"simulator": {"seed_simulator": N}}},
]
BODIES: list[tuple[str, str, Any]] = [
    *(("POST", "/jobs", {"params": sampler(**fields)}) for fields in JOB_FIELDS[:2]),
    *(("POST", "/jobs", {"params": {**sampler(), **fields}}) for fields in JOB_FIELDS[2:]),
    *(("POST", "/jobs", {name: N}) for name in ("program_id", "backend", "params", "session_id")),
    *(("POST", "/jobs", {name: N}) for name in ("tags", "log_level", "private", "calibration_id")),
    ("POST", "/jobs", {"tags": [N]}),
    ("PUT", "/jobs/{job_id}/tags", {"tags": [N]}),
    ("POST", "/sessions", {"mode": "batch", "backend": N}),
    ("PATCH", "/sessions/{session_id}", {"accepting_jobs": N}),
    ("POST", "/resources/search", {"query": N}),
    ("POST", "/resources/search", {"query": "x", "search_cursor": N}),
]
"""Fields for which every such number is an error."""

CAPPED: list[tuple[str, str, Any]] = [
    ("POST", "/jobs", {"cost": N}),
    ("POST", "/sessions", {"mode": "batch", "backend": "ibm_lagos", "max_ttl": N}),
]
"""Fields for which larger whole numbers are reduced to a limit."""

QUERIES = {
    "/jobs": ("limit", "offset", "created_after", "created_before", "pending", "exclude_params"),
    "/workloads": ("limit", "created_after", "created_before", "next", "previous"),
    "/backends": ("fields",),
    "/backends/ibm_lagos/properties": ("updated_before", "calibration_id"),
    "/tags": ("type", "search"),
    "/jobs/{job_id}": ("exclude_params",),
    "/accounts/{account_id}": ("plan_id",),
}
PATHS = ("/jobs/{}", "/sessions/{}", "/accounts/{}", "/backends/{}/status", "/jobs/{}/results")


@pytest.fixture
def service(make_service: Any) -> LocalService:
    made: LocalService = make_service(Settings(open_mode=True))
    return made


def send(client: PlatformClient, method: str, path: str, body: Any, number: str) -> httpx.Response:
    usual = {"program_id": "sampler", "backend": "ibm_lagos", "params": sampler()}
    whole = {**usual, **body} if path == "/jobs" else body
    content = json.dumps(whole).replace(f'"{N}"', number)
    base = f"{client.service.url}/v3" if path == "/resources/search" else "/v1"
    return client.http.request(method, f"{base}{path}", content=content)


@pytest.mark.parametrize("number", NUMBERS)
def test_platform_bodies(client: PlatformClient, number: str) -> None:
    session_id = client.post("sessions", {"mode": "batch", "backend": "ibm_lagos"}).json()["id"]
    ids = {"job_id": client.done(), "session_id": session_id}
    for method, path, body in BODIES:
        reply = send(client, method, path.format(**ids), body, number)
        assert refused(reply) == (400, 1208), (path, body)
    for method, path, body in CAPPED:
        reply = send(client, method, path, body, number)
        assert (reply.status_code == 200) == number.isdigit(), (path, body)
        if reply.status_code == 200 and path == "/jobs":
            assert client.wait(reply.json()["id"])["status"] == "Completed"
        elif reply.status_code == 200:
            assert reply.json()["max_ttl"] == 28_800
    assert len(client.json("jobs", exclude_params="false")["jobs"]) == 1 + number.isdigit()


@pytest.mark.parametrize("number", NUMBERS)
def test_platform_queries_and_paths(client: PlatformClient, number: str) -> None:
    ids = {"job_id": client.done(), "account_id": "a"}
    for path, names in QUERIES.items():
        for name in names:
            reply = client.http.get(f"/v1{path.format(**ids)}", params={name: number})
            assert reply.status_code < 500, (path, name)
    for path in PATHS:
        assert client.http.get(f"/v1{path.format(number)}").status_code in (400, 404)
    reply = client.http.post(
        f"{client.service.url}/v3/resources/search?limit={number}", json={"query": "x"}
    )
    assert reply.status_code == (400 if number == "1e400" else 200)


@pytest.fixture
def client(service: LocalService) -> PlatformClient:
    return PlatformClient(service)


@pytest.fixture
def user(service: LocalService) -> Client:
    return login(service)


@pytest.mark.parametrize("number", NUMBERS)
def test_filters(user: Client, number: str) -> None:
    user.create()
    for part in ("limit", "skip", "offset"):
        reply = user.http.get(user._path("P/Jobs/v/1"), params={"filter": f'{{"{part}":{number}}}'})
        assert reply.status_code == (200 if number.isdigit() else 400), part
    for where in ("{}", '{"gt":{}}', '{"between":[{},{}]}', '{"inq":[{}]}', '{"regexp":{}}'):
        for name in ("creationDate", "shots", "timePerStep.CREATING"):
            wanted = f'{{"where":{{"{name}":{where.replace("{}", number)}}}}}'
            reply = user.http.get(user._path("P/Jobs/v/1"), params={"filter": wanted})
            assert reply.status_code in (200, 400), wanted


@pytest.mark.parametrize("number", NUMBERS)
def test_classic_bodies(user: Client, number: str) -> None:
    def put(method: str, path: str, body: Any) -> int:
        content = json.dumps(body).replace(f'"{N}"', number)
        return user.http.request(method, user._path(path), content=content).status_code

    job_id = user.create()["id"]
    backend = {"name": "ibmq_vigo"}
    for name in ("name", "tags", "experimentTag", "shareLevel", "liveDataEnabled", "backend"):
        assert put("POST", "P/Jobs", {"backend": backend, name: N}) == 400, name
    for name in ("name", "tags"):
        assert put("PUT", f"P/Jobs/{job_id}", {name: N}) == 400
    assert put("POST", "/users/loginWithToken", {"apiToken": N}) in (400, 401)
    for name in ("initialDate", "endDate"):
        window = user.get("/Network/bookings/v2", **{name: number})
        assert window.status_code < 500
    for query in ("signature", "expires"):
        reply = user.plain.get(f"{user.url}/storage/qObject-{job_id}.json", params={query: number})
        assert reply.status_code == 403


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "name", ["shots", "memory_slots", "n_qubits", "seed_simulator", "max_credits", "rep_delay"]
)
def test_qobjs(user: Client, number: str, name: str) -> None:
    content = json.dumps(bell(**{name: N})).replace(f'"{N}"', number).encode()
    job_id = user.submit(content)
    user.wait(job_id)
    assert user.job(job_id).get("error", {}).get("code") != 1000
    assert user.get("P/Jobs/v/1").status_code == 200


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_outside_the_range_of_utc(client: PlatformClient, user: Client, text: str) -> None:
    assert parse_moment(text) is None
    assert refused(client.get("jobs", created_after=text)) == (400, 1208)
    assert user.statuses({"creationDate": {"gt": text}}) == []


def test_planned_times_are_limited_by_the_time_limit_of_jobs(catalog: Catalog) -> None:
    device = catalog.get("ibm_lagos")
    assert Realistic().run_ms(device, Work(MAX_EXECUTIONS, 2_000_000, 1)) == 3 * 3_600_000
