"""The figures for Prometheus."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from ibmq_backend.emulator.monitoring.metrics import MEDIA_TYPE
from tests.emulator.monitoring.conftest import TOKENS, Watch, WatchedServer
from tests.support.emulator import PLAIN_HTTP, bell, until


def figures(server: WatchedServer) -> dict[tuple[str, ...], float]:
    """Return the samples by name and values of the labels, without the limits of histograms."""
    reply = server.get("/metrics")
    assert reply.headers["Content-Type"] == MEDIA_TYPE
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
        if "le" not in sample.labels
    }


def test_the_figures_of_a_server(watch: Watch) -> None:
    server = watch()
    client = server.client()
    login = {"apiToken": "wrong"}
    httpx.post(f"{server.url}/users/loginWithToken", json=login, **PLAIN_HTTP)
    ended = client.submit(bell())
    client.wait(ended)
    server.engine.hold()
    held = [client.submit(bell()), client.submit(bell())]
    client.wait(held[0], "RUNNING")
    client.wait(held[1], "QUEUED")
    for path in ("/nowhere", "/v1/nowhere/else", "/admin/other"):
        assert server.get(path).status_code in (401, 404)
    found = until(lambda: figures(server), lambda seen: seen[("ibmq_backend_workers", "busy")] == 1)
    name = "ibmq_backend"
    assert found[(f"{name}_logins_total", "classic", "ok")] == 1
    assert found[(f"{name}_logins_total", "classic", "refused")] == 1
    assert found[(f"{name}_jobs", "ibmq_vigo", "RUNNING")] == 1
    assert found[(f"{name}_jobs", "ibmq_vigo", "QUEUED")] == 1
    assert found[(f"{name}_queue_length", "ibmq_vigo")] == 1
    assert found[(f"{name}_queue_length", "ibmq_lima")] == 0
    assert found[(f"{name}_jobs_finished_total", "ibmq_vigo", "COMPLETED")] == 1
    for histogram in ("job_wait", "job_run", "simulation"):
        assert found[(f"{name}_{histogram}_seconds_count", "ibmq_vigo")] == 1
    assert found[(f"{name}_workers", "idle")] == 0
    assert found[(f"{name}_request_seconds_count", "loginWithToken", "2xx")] == 1
    assert found[(f"{name}_request_seconds_count", "loginWithToken", "4xx")] == 1
    assert found[(f"{name}_request_seconds_count", "unknown", "4xx")] == 3
    assert found[(f"{name}_database_up",)] == 1
    assert found[(f"{name}_store_bytes",)] == server.service_state.store.used_bytes()
    text = server.get("/metrics").text
    assert not [word for word in (*TOKENS, client.user_id, *held) if f'"{word}"' in text]


def test_finished_jobs_are_not_counted_in_the_database(watch: Watch) -> None:
    server = watch()
    client = server.client()
    client.wait(client.submit(bell()))
    queries: list[str] = []
    engine = server.service_state.store._engine

    def note(*arguments: object) -> None:
        if "count(" in str(arguments[2]):
            queries.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    figures(server)
    event.remove(engine, "before_cursor_execute", note)
    (query,) = [one for one in queries if "GROUP BY" in one]
    with server.service_state.store.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert any("jobs_open_on_backend (final=?)" in row[-1] for row in plan), plan


def test_figures_without_a_database(watch: Watch) -> None:
    server = watch()
    server.client()
    with server.service_state.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE jobs RENAME TO hidden")
    found = figures(server)
    with server.service_state.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO jobs")
    assert found[("ibmq_backend_database_up",)] == 0
    assert found[("ibmq_backend_logins_total", "classic", "ok")] == 1


def test_each_server_has_figures_of_its_own(watch: Watch, tmp_path: object) -> None:
    first, second = watch(), watch(f"{tmp_path}/other.sqlite")
    first.client()
    assert ("ibmq_backend_logins_total", "classic", "ok") in figures(first)
    assert ("ibmq_backend_logins_total", "classic", "ok") not in figures(second)
