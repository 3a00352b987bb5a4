"""Whether a server works, and what happens while it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from ibmq_backend.emulator.engine import dispatcher
from ibmq_backend.emulator.engine.engine import EngineHealth
from tests.emulator.conftest import PostgresControl
from tests.emulator.monitoring.conftest import TOKENS, Watch, WatchedServer, captured
from tests.support.emulator import PLAIN_HTTP, bell, error_of, until


def problems(server: WatchedServer) -> list[str]:
    """Return the problems that a server reports; none if it works."""
    reply = server.get("/healthz")
    document = reply.json()
    assert (reply.status_code, document["status"]) in ((200, "ok"), (503, "failing"))
    if reply.status_code == 503:
        assert document["problems"]
    return document["problems"] if reply.status_code == 503 else []


@pytest.mark.integration
def test_a_healthy_server(watch: Watch) -> None:
    server = watch()
    assert server.get("/healthz").json() == {"status": "ok", "problems": []}
    foreign = server.get("/healthz", headers={"Host": "evil.example"})
    assert foreign.status_code == 403


@pytest.mark.integration
def test_lost_workers(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    server = watch()
    lost = "The worker tcp://192.0.2.1:8786 is lost."
    for health, status, said in (
        (EngineHealth(1, (lost,)), 200, ["Some workers cannot run jobs."]),
        (EngineHealth(0, (lost,)), 503, ["No worker can run jobs."]),
        (EngineHealth(0), 503, ["No worker can run jobs."]),
    ):
        monkeypatch.setattr(server.engine, "health", lambda health=health: health)
        reply = server.get("/healthz")
        assert (reply.status_code, reply.json()["problems"]) == (status, said)


@pytest.mark.integration
def test_stalled_housekeeping(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    server = watch()
    monkeypatch.setattr(dispatcher, "STALLED_SECONDS", -1.0)
    (problem,) = problems(server)
    assert problem.startswith("The housekeeping has been waiting for ")


@pytest.mark.integration
def test_a_thread_that_has_ended(watch: Watch) -> None:
    server = watch()
    server.dispatcher.stop()
    (problem,) = problems(server)
    assert problem == "The thread ibmq-validator-0 has ended. Restart the server."


@pytest.mark.integration
def test_a_full_disk(watch: Watch) -> None:
    server = watch()
    server.service_state.store.outages.record_failure("database or disk is full", is_full=True)
    assert problems(server) == [
        "The disk of the database is full. Make room on it, or delete jobs."
    ]


@pytest.mark.integration
@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_file_that_is_moved_and_comes_back(
    watch: Watch, tmp_path: Path, replaced: bool
) -> None:
    path, copy, elsewhere = (tmp_path / name for name in ("a.sqlite", "copy", "elsewhere"))
    server = watch(str(path))
    client = server.client()
    shutil.copy(path, copy)
    with captured(server):
        path.rename(elsewhere)
        if replaced:
            copy.rename(path)
        reply = client.get("P/Jobs/v/1")
        assert error_of(reply)[0] == 503
        (problem,) = problems(server)
        assert problem.startswith("The database cannot be used.")
        elsewhere.rename(path)
        until(lambda: problems(server), lambda found: not found)
    assert client.get("P/Jobs/v/1").status_code == 200
    messages = [one["message"] for one in server.events() if one["event"] == "warning"]
    assert messages == [
        f"the database cannot be used: {path} was removed or replaced; restart this program",
        "the database can be used again",
    ]


@pytest.mark.postgres
def test_a_database_that_is_lost_and_comes_back(
    watch: Watch, own_postgres: tuple[str, PostgresControl]
) -> None:
    url, control = own_postgres
    server = watch(url, "text")
    client = server.client()
    server.engine.hold()
    job_id = client.submit(bell())
    client.wait(job_id, "RUNNING")
    waiting = client.submit(bell())
    with captured(server):
        control("stop")
        for _ in range(3):
            reply = client.get(f"P/Jobs/{job_id}/status/v/1")
            assert error_of(reply)[0] == 503
            assert "temporarily unavailable" in reply.text
        form = {"grant_type": "x", "apikey": TOKENS["ada"]}
        headers = {"Authorization": f"apikey {TOKENS['ada']}", "Service-CRN": server.crn}
        today = httpx.get(f"{server.url}/v1/jobs", headers=headers, params=form, **PLAIN_HTTP)
        assert today.status_code == 503
        assert "temporarily unavailable" in today.json()["errors"][0]["message"]
        assert problems(server) == [
            "The database cannot be used. The log of the server has the reason."
        ]
        assert b"database_up 0.0" in server.get("/metrics").content
        server.engine.release()  # the result waits for the database
        control("start")
        for one in (job_id, waiting):
            until(
                lambda one=one: client.get(f"P/Jobs/{one}/status/v/1"),
                lambda reply: reply.status_code == 200 and reply.json()["status"] == "COMPLETED",
            )
    assert problems(server) == []
    reports = [line.split(maxsplit=2)[1:] for line in server.lines() if " warning " in line]
    assert len(reports) == 2, reports
    lost, back = (words for _, words in reports)
    assert lost.startswith('source=store.outages message="the database cannot be used: ')
    assert back == 'source=store.outages message="the database can be used again"'
    ended = [line for line in server.lines() if "state=COMPLETED" in line]
    assert sorted(line.split()[2] for line in ended) == sorted([f"id={job_id}", f"id={waiting}"])
