"""The log: one line for each login, job and error, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import re

import httpx
import pytest

from ibmq_backend.emulator.monitoring.journal import Journal
from tests.emulator.monitoring.conftest import FORGER, TOKENS, Watch, captured
from tests.support.emulated_platform import GRANT
from tests.support.emulator import PLAIN_HTTP, bell, error_of, until

NAME = "name\n2026-05-04T10:00:00Z error message=forged"


@pytest.mark.integration
def test_logins_and_jobs(watch: Watch) -> None:
    server = watch()
    client = server.client()
    wrong = {"apiToken": "canary-of-a-guess"}
    url = f"{server.url}/users/loginWithToken"
    assert error_of(httpx.post(url, json=wrong, **PLAIN_HTTP)) == (401, 3446)
    form = {"grant_type": GRANT, "apikey": TOKENS["ada"]}
    bearer = httpx.post(f"{server.url}/identity/token", data=form, **PLAIN_HTTP).json()
    headers = {"Authorization": "Bearer canary-of-an-administrator"}
    assert server.get("/admin/jobs", headers=headers).status_code == 403
    job_id = client.submit(bell())
    assert client.wait(job_id)["status"] == "COMPLETED"
    until(server.events, lambda events: events[-1].get("state") == "COMPLETED")
    events = server.events()
    moments = [event.pop("time") for event in events]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in moments)
    wait, run = events[-1].pop("wait"), events[-1].pop("run")
    assert 0 <= wait < 90
    assert 0 <= run < 90
    login = {"event": "login", "address": "127.0.0.1"}
    job = {"event": "job", "id": job_id, "user": "ada", "device": "ibmq_vigo", "dialect": "classic"}
    assert events == [
        {**login, "user": "ada", "dialect": "classic", "outcome": "ok"},
        {**login, "dialect": "classic", "outcome": "refused"},
        {**login, "user": "ada", "dialect": "platform", "outcome": "ok"},
        {**job, "state": "CREATED"},
        {**job, "state": "COMPLETED"},
    ]
    assert "canary" not in server.stream.getvalue()
    assert client.token not in server.stream.getvalue()
    assert bearer["access_token"] not in server.stream.getvalue()


@pytest.mark.integration
def test_the_error_of_a_job(watch: Watch) -> None:
    server = watch()
    client = server.client()
    job_id = client.submit(b"{}")
    assert client.wait(job_id)["status"] == "ERROR_VALIDATING_JOB"
    until(server.events, lambda events: events[-1].get("state") == "ERROR_VALIDATING_JOB")
    assert server.events()[-1]["code"] == client.job(job_id)["error"]["code"]


@pytest.mark.integration
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_nobody_can_forge_a_line(watch: Watch, log_format: str) -> None:
    server = watch(log_format=log_format)
    client = server.client(FORGER)
    job_id = client.submit(bell(), name=NAME, tags=[NAME])
    client.wait(job_id)
    until(server.lines, lambda lines: len(lines) == 3)
    for line in server.lines():
        assert line.isprintable()
        assert "forged" not in line
        user = json.loads(line)["user"] if log_format == "json" else None
        assert user in (FORGER, None)
    if log_format == "text":
        words = [line.split()[1] for line in server.lines()]
        assert words == ["login", "job", "job"]


@pytest.mark.integration
def test_a_defect_is_one_line_with_its_operation(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = watch(log_format="text")
    client = server.client()

    def fail(*_arguments: object) -> None:
        raise RuntimeError("a defect\nof two lines")

    monkeypatch.setattr(server.service_state.jobs, "get", fail)
    with captured(server):
        assert client.get("P/Jobs/0123456789abcdef01234567/status/v/1").status_code == 500
        logging.getLogger("of.a.library").warning("odd: %s", "\x1b[31mred")
    defect, odd = server.lines()[1:]
    assert " error source=wire.exchange operation=getJobStatus status=500 message=" in defect
    assert r"RuntimeError: a defect\nof two lines" in defect
    assert odd.endswith(r' warning source=of.a.library message="odd: \u001b[31mred"')


def test_what_is_quoted() -> None:
    stream = io.StringIO()
    journal = Journal(stream, "text", lambda _id: "")
    with_quotes = logging.getLogger("quotes")
    with journal.capture_warnings():
        with_quotes.warning('say "ü" or \\ or = or \u2028 end')
    assert stream.getvalue().endswith(
        ' warning source=quotes message="say \\"ü\\" or \\\\ or = or \\u2028 end"\n'
    )
