"""The administration of a server from the shell."""

import json

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.http.embedded import LocalService
from tests.support.emulator import OPEN_CLIENTS, Client
from tests.support.engines import FakeEngine

ADMIN = "token-of-the-teacher"


@pytest.fixture
def service(home):
    users = [User("ada", "token of ada")]
    with LocalService(users=users, engine=FakeEngine(), prewarm=False) as running:
        running.service_state.accounts.set_admin_token(ADMIN)
        yield running


@pytest.fixture
def ada(service):
    client = Client(service.url, "token of ada")
    yield client
    OPEN_CLIENTS.remove(client)
    client.close()


@pytest.fixture
def admin(service, monkeypatch, capsys):
    """Run a command; return its status and what it printed."""
    monkeypatch.setenv("IBMQ_BACKEND_ADMIN_TOKEN", ADMIN)

    def run(*arguments, url=service.url):
        status = main(["admin", *arguments, "--url", url])
        printed = capsys.readouterr()
        assert ADMIN not in printed.out + printed.err
        return status, printed.out, printed.err

    return run


def test_list_and_cancel(admin, ada):
    assert admin("jobs") == (0, "All jobs are finished.\n", "")
    job_id = ada.create()["id"]
    status, shown, _ = admin("jobs")
    title, row = (line.split() for line in shown.splitlines())
    assert title == ["id", "user", "backend", "status", "dialect", "age", "running"]
    assert row[:5] == [job_id, "ada", "ibmq_vigo", "CREATING", "classic"]
    assert row[5].startswith("0:00:")
    assert row[6] == "-"
    (document,) = json.loads(admin("jobs", "--json")[1])
    assert document["id"] == job_id
    assert document["running_seconds"] is None
    assert status == 0
    for _ in range(2):
        assert admin("cancel", job_id) == (0, f"Job {job_id} is cancelled.\n", "")
    assert ada.status(job_id)["status"] == "CANCELLED"
    assert admin("jobs", url=ada.url + "/api/")[1] == "All jobs are finished.\n"


def test_jobs_that_cannot_be_cancelled(admin, ada):
    job_id = ada.submit()
    ada.wait(job_id)
    status, _, error = admin("cancel", job_id)
    assert status == 1
    assert error == f"ibmq-backend: Job {job_id} cannot be cancelled: it is COMPLETED.\n"
    for nobodys in ("0" * 24, "../jobs", "a/b?c"):
        status, _, error = admin("cancel", nobodys)
        assert status == 1
        assert error.count("\n") == 1
        assert "404" in error


@pytest.mark.parametrize("token", [None, "", "  ", "wörong", "a b"])
def test_without_a_token_nothing_is_sent(admin, monkeypatch, token):
    if token is None:
        monkeypatch.delenv("IBMQ_BACKEND_ADMIN_TOKEN")
    else:
        monkeypatch.setenv("IBMQ_BACKEND_ADMIN_TOKEN", token)
    status, _, error = admin("jobs", url="http://127.0.0.1:9")
    assert status == 1
    assert "IBMQ_BACKEND_ADMIN_TOKEN is not set to an admin token" in error


def test_tokens_of_users_are_refused(admin, service, monkeypatch):
    for token in ("token-of-ada", service.api_token):
        monkeypatch.setenv("IBMQ_BACKEND_ADMIN_TOKEN", token)
        status, _, error = admin("jobs")
        assert status == 1
        assert "This is not the admin token" in error
        assert token not in error


def test_a_server_without_administration_tells_how_to_enable_it(admin):
    with LocalService(engine=FakeEngine(), prewarm=False) as other:
        status, _, error = admin("jobs", url=other.url)
    assert status == 1
    assert 'add the line admin_token = "..." to the accounts file' in error


def test_the_token_is_not_sent_unencrypted(admin, service, monkeypatch):
    status, _, error = admin("jobs", url="http://192.0.2.1:8000")
    assert status == 1
    assert "IBMQ_BACKEND_PLAIN_HTTP=allow" in error
    monkeypatch.setenv("IBMQ_BACKEND_PLAIN_HTTP", "allow")
    # The client does not know that this address is local, and the server does not accept it.
    status, _, error = admin("jobs", url=service.url.replace("127.0.0.1", "127.1"))
    assert status == 1
    assert "The host name '127.1' is not accepted" in error


def test_wrong_arguments(capsys):
    for wrong in (["admin"], ["admin", "cancel"], ["admin", "jobs", "--token-env", "X"]):
        assert main(wrong) == 2
    assert "COMMAND" in capsys.readouterr().err
