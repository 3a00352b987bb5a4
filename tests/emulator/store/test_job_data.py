"""The data of jobs in pieces, quotas, full disks, and older databases."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import DataQuotaExceeded, JobQuotaExceeded
from ibmq_backend.emulator.core.raw_json import RawJson, json_pieces, json_size, raw_bytes, raw_json
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store import job_data, schema
from ibmq_backend.emulator.store.database import Store, is_full
from ibmq_backend.emulator.store.jobs import QOBJ, RESULT
from ibmq_backend.emulator.store.quotas import Quota, Quotas
from ibmq_backend.emulator.store.schema import jobs
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, refused, sampler
from tests.support.emulator import bell, error_of, login, until
from tests.support.engines import FakeEngine

REQUEST = JobRequest("a" * 24, "classic", Instance("ibm-q", "open", "main"), "ibmq_vigo", "1.0.0")
_PIECE = job_data.PIECE_BYTES


@pytest.fixture
def service_state(store_url: str, catalog: Catalog) -> Any:
    made = ServiceState(
        store_url, Settings(max_user_jobs=3, max_user_bytes=3_000_000), catalog=catalog
    )
    yield made
    made.close()


# -- pieces ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 1, _PIECE - 1, _PIECE, _PIECE + 1, 3 * _PIECE + 7])
@pytest.mark.parametrize("cut", [1 << 16, _PIECE, 1 << 20])
def test_data_comes_back_as_it_was_stored(service_state: ServiceState, size: int, cut: int) -> None:
    content = secrets.token_bytes(size)
    job_id = service_state.jobs.create(REQUEST, -1).id
    service_state.jobs.put_qobj(
        job_id, RawJson(lambda: (content[at : at + cut] for at in range(0, size, cut)), size)
    )
    stored = service_state.jobs.data.read(job_id, QOBJ)
    assert stored is not None
    assert stored.size == size
    assert max(map(len, stored.pieces()), default=0) <= _PIECE
    assert b"".join(stored.pieces()) == content


def test_data_that_is_deleted_while_it_is_read(service_state: ServiceState) -> None:
    job_id = service_state.jobs.create(REQUEST, -1).id
    service_state.jobs.put_qobj(job_id, raw_bytes(secrets.token_bytes(2 * _PIECE)))
    stored = service_state.jobs.data.read(job_id, QOBJ)
    assert stored is not None
    pieces = stored.pieces()
    next(pieces)
    service_state.jobs.delete(job_id)
    with pytest.raises(OSError, match="was deleted"):
        next(pieces)


def test_an_incomplete_reply_is_one_log_line(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    service = make_service()
    client = login(service)
    job_id = client.submit(json.dumps({**bell(), "note": secrets.token_hex(20_000_000)}).encode())
    address = client.json(f"P/Jobs/{job_id}/jobDownloadUrl")["url"]
    with client.plain.stream("GET", address) as reply:
        pieces = reply.iter_raw()
        next(pieces)
        assert client.delete(f"P/Jobs/{job_id}").status_code == 200
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            list(pieces)
    until(lambda: caplog.records, bool)
    said = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in said] == [
        f"a reply is incomplete: the data of job {job_id} was deleted while it was read"
    ]
    assert said[0].exc_info is None


def test_raw_parts_of_documents() -> None:
    part = RawJson(lambda: iter([b'{"x"', b":1}"]), 7)
    document = {"a": part, "b": ['"', "ü", part], "c": None}
    written = b"".join(json_pieces(document))
    assert json.loads(written) == {"a": {"x": 1}, "b": ['"', "ü", {"x": 1}], "c": None}
    assert json_size(document) == len(written)
    again = raw_json({"outer": raw_json(document)})
    assert len(b"".join(again.pieces())) == again.size
    with pytest.raises(TypeError, match="object is not JSON"):
        list(json_pieces({"a": object()}))


# -- quotas ----------------------------------------------------------------------------------


def test_the_number_of_jobs_is_bounded(service_state: ServiceState) -> None:
    jobs = [service_state.jobs.create(REQUEST, -1).id for _ in range(3)]
    with pytest.raises(JobQuotaExceeded) as caught:
        service_state.jobs.create(REQUEST, -1)
    assert caught.value.limit == 3
    service_state.jobs.delete(jobs[0])
    service_state.jobs.create(REQUEST, -1)


def test_a_deleted_job_keeps_nothing_that_its_client_chose(service_state: ServiceState) -> None:
    texts = {"name": "n", "experiment_tag": "e", "share_level": "s", "client_name": "c"}
    texts |= {"client_version": "v", "address": "a"}
    long = {name: letter * 1024 for name, letter in texts.items()}
    job_id = service_state.jobs.create(replace(REQUEST, tags=("t" * 1024,), **long), -1).id
    service_state.jobs.put_qobj(job_id, raw_bytes(b"{}"))
    service_state.jobs.accept(job_id)
    (claimed,) = service_state.queue.claim_for_validation()
    service_state.queue.enqueue(claimed, shots=1, summary={"x": "y" * 1024})
    service_state.jobs.delete(job_id)
    with service_state.store.read() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one()
    assert row.deleted
    assert len(str(row)) < 700


def test_the_header_of_a_deleted_job_is_deleted(make_service: ServiceMaker) -> None:
    service = make_service(Settings(), engine=FakeEngine())
    client = PlatformClient(service)
    headers = {"Parent-Job-Id": "p" * 1000, "X-Qx-Client-Application": "c" * 200}
    client.http.headers.update(headers)
    job_id = client.done()
    assert client.delete(f"jobs/{job_id}").status_code == 204
    run = service.dialects.platform.state.runs.run(job_id)
    assert (run.caller, run.parent_job_id) == (None, None)
    assert run.charged_ms > 0


def test_the_number_of_sessions_is_bounded(make_service: ServiceMaker, clock: ManualClock) -> None:
    service = make_service(Settings(open_mode=True), clock=clock)
    data = service.service_state.jobs.data
    assert (Quota(1, 1).open_sessions, Quota(1, 1).sessions) == (1000, 5000)
    service.service_state.jobs.quotas = Quotas(data, Quota(9, 9, open_sessions=2, sessions=5))
    client, other = PlatformClient(service, "a" * 40), PlatformClient(service, "b" * 40)

    def opened(by: PlatformClient = client) -> httpx.Response:
        body = {"mode": "batch", "backend": "ibm_lagos", "max_ttl": 600}
        return by.post("sessions", body)

    first = opened().json()["id"]
    opened()
    reply = opened()
    assert reply.status_code == 403
    error = reply.json()["errors"][0]
    assert error["message"] == "You have reached the limit of 2 open sessions."
    assert "close sessions" in error["solution"]
    assert opened(other).status_code == 200
    assert client.delete(f"sessions/{first}/close").status_code == 204
    assert opened().status_code == 200
    clock.advance(601)  # these sessions expire, but no request updates them
    assert [opened().status_code for _ in range(2)] == [200, 200]
    clock.advance(601)
    assert client.get(f"sessions/{first}").status_code == 200
    assert opened().status_code == 200
    assert client.get(f"sessions/{first}").status_code == 404  # the oldest made room


def test_the_bytes_of_jobs_are_bounded(service_state: ServiceState) -> None:
    first, second = (service_state.jobs.create(REQUEST, -1).id for _ in range(2))
    service_state.jobs.put_qobj(first, raw_bytes(bytes(2_000_000)))
    with pytest.raises(DataQuotaExceeded) as caught:
        service_state.jobs.check_upload(second, 1_000_001)
    assert caught.value.limit_bytes == 3_000_000
    with pytest.raises(DataQuotaExceeded):
        service_state.jobs.put_qobj(second, raw_bytes(bytes(1_000_001)))
    assert service_state.jobs.data.read(second, QOBJ) is None
    service_state.jobs.put_qobj(first, raw_bytes(bytes(10)))  # replaces the earlier data
    service_state.jobs.put_qobj(second, raw_bytes(bytes(2_000_000)))


def test_both_dialects_say_what_to_do(make_service: ServiceMaker) -> None:
    service = make_service(Settings(max_user_jobs=1, max_user_bytes=5000))
    client, platform = login(service), PlatformClient(service)
    job = client.create()
    assert error_of(client.upload(job, b" " * 5001)) == (403, 2409)
    reply = client.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}})
    assert error_of(reply) == (403, 2409)
    assert "Delete jobs" in reply.json()["error"]["message"]
    assert refused(platform.create(sampler(["x"]))) == (403, None)
    client.delete(f"P/Jobs/{job['id']}")
    assert refused(platform.create(sampler(["x" * 6000]))) == (403, None)


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ([f"t{n}" for n in range(8)], 200),
        ([*(f"t{n}" for n in range(8)), "ibmq_run_x", "ibmq_jobset_x"], 200),
        ([f"t{n}" for n in range(9)], 400),
        (["t"] * 17, 400),
        ([f"ibmq_{n}" for n in range(17)], 400),
        (["x" * 1025], 400),
    ],
)
def test_tags_are_bounded(make_service: ServiceMaker, tags: list[str], status: int) -> None:
    client = login(make_service())
    body = {"backend": {"name": "ibmq_vigo"}, "tags": tags}
    assert client.post("P/Jobs", json=body).status_code == status
    job_id = client.create()["id"]
    assert client.put(f"P/Jobs/{job_id}", json={"tags": tags}).status_code == status


# -- a full disk -----------------------------------------------------------------------------

_ON_A_SMALL_DISK = """
import os, sys
from pathlib import Path
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.store.database import Store, is_full
from ibmq_backend.emulator.service_state import Settings, ServiceState
from sqlalchemy.exc import SQLAlchemyError

folder = Path(sys.argv[1])
service_state = ServiceState(str(folder / "jobs.sqlite"), Settings(open_mode=True))
request = JobRequest("a" * 24, "classic", Instance("ibm-q", "open", "main"), "ibmq_vigo", "1")
jobs = []
try:
    while True:
        jobs.append(service_state.jobs.create(request, -1).id)
        service_state.jobs.put_qobj(jobs[-1], raw_bytes(os.urandom(1_000_000)))
except SQLAlchemyError as error:
    assert is_full(error), error
assert service_state.store.outages.is_full
try:  # somebody else takes what is left
    with (folder / "others").open("wb", buffering=0) as others:
        while others.write(bytes(4096)):
            pass
except OSError:
    pass
service_state.accounts.login("somebody")
assert service_state.jobs.cancel(jobs[0])
service_state.jobs.delete(jobs[1])
service_state.jobs.delete(jobs[0])
job_id = service_state.jobs.create(request, -1).id
service_state.jobs.put_qobj(job_id, raw_bytes(os.urandom(1_000_000)))
print(len(jobs))
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs util-linux")
def test_a_full_disk_still_lets_users_delete(tmp_path: Path) -> None:
    """On a file system of 24 MB of its own."""
    command = f"mount -t tmpfs -o size=24m none '{tmp_path}' && exec \"$@\""
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a file system of his own")
    script = textwrap.dedent(_ON_A_SMALL_DISK)
    done = subprocess.run(
        [*namespace, sys.executable, "-c", script, str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 3


def test_all_processes_share_the_reserve(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    first, second = Store(str(path)), Store(str(path))
    reserve = tmp_path / "jobs.sqlite.reserve"
    assert reserve.stat().st_size == 8_000_000
    assert reserve.stat().st_mode & 0o077 == 0
    first.close()
    assert reserve.exists()
    second.close()


def test_a_full_database_is_one_log_line(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    client = login(service)
    if not service.service_state.store.is_sqlite:
        pytest.skip("the limit of pages is SQLite's")
    job = client.create()
    read = service.service_state.store.read

    def write_little() -> Any:
        return read()

    real = service.service_state.jobs.data.write

    def full(connection: Any, *arguments: Any) -> int:
        connection.execute(text("PRAGMA max_page_count = 1"))
        try:
            return real(connection, *arguments)
        finally:
            connection.execute(text("PRAGMA max_page_count = 1073741823"))

    monkeypatch.setattr(service.service_state.jobs.data, "write", full)
    reply = client.upload(job, b" " * 3_000_000)
    assert error_of(reply) == (507, 2405)
    assert "Delete jobs" in reply.json()["error"]["message"]
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one.getMessage() for one in warnings] == [
        "the database cannot be used: database or disk is full"
    ]
    assert warnings[0].exc_info is None
    assert client.delete(f"P/Jobs/{job['id']}").status_code == 200


def test_what_counts_as_full() -> None:
    assert is_full(OSError(28, "No space left on device"))
    assert not is_full(OSError(13, "Permission denied"))


# -- older databases -------------------------------------------------------------------------


def test_a_database_of_schema_1_is_converted(store_url: str, catalog: Catalog) -> None:
    service_state = ServiceState(store_url, catalog=catalog)
    job_id, large = service_state.jobs.create(REQUEST, -1).id, secrets.token_bytes(3 * _PIECE)
    with service_state.store.write() as connection:
        for statement in (
            "ALTER TABLE jobs DROP COLUMN run_ms",
            "ALTER TABLE jobs DROP COLUMN dialect",
            "DROP TABLE job_data",
            "CREATE TABLE blobs (job_id VARCHAR(24), kind VARCHAR(8), content "
            + ("BLOB" if service_state.store.is_sqlite else "BYTEA")
            + " NOT NULL, PRIMARY KEY (job_id, kind))",
        ):
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO blobs VALUES (:id, 'qobj', :content), (:id, 'result', :large)"),
            {"id": job_id, "content": json.dumps(bell()).encode(), "large": large},
        )
        connection.execute(
            schema.meta.update().where(schema.meta.c.key == "schema_version").values(value="1")
        )
    service_state.close()
    again = ServiceState(store_url, catalog=catalog)
    assert json.loads(again.jobs.blob(job_id, QOBJ) or b"") == bell()
    result = again.jobs.data.read(job_id, RESULT)
    assert result is not None
    assert result.size == len(large)
    assert [len(piece) for piece in result.pieces()] == [_PIECE] * 3
    assert b"".join(result.pieces()) == large
    assert again.jobs.get(job_id, None, None).run_ms == 0
    with again.store.read() as connection:
        version = connection.execute(
            select(schema.meta.c.value).where(schema.meta.c.key == "schema_version")
        ).scalar_one()
    assert version == str(schema.SCHEMA_VERSION)
    again.close()
