"""The accounts file of a running server changes."""

from __future__ import annotations

import logging
import signal
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from ibmq_backend.emulator.classroom.accounts_file import AccountsFile
from ibmq_backend.emulator.classroom.reload import Reloader
from ibmq_backend.emulator.core.errors import EmulatorError
from tests.emulator.http.test_serve import Process
from tests.support.emulator import Client, error_of, until
from tests.support.secret_files import write_secret

ADA, BOB, EVE = (
    f'[[user]]\nname = "{name}"\ntoken = "token-of-{name}"\n' for name in ("ada", "bob", "eve")
)


@pytest.fixture
def applied(tmp_path: Path) -> Any:
    """A reloader that records the users of each file; it is checked by hand."""
    users: list[list[str]] = []

    def apply(file: AccountsFile) -> str:
        users.append([user.name for user in file.users])
        if users[-1] == ["eve"]:
            raise EmulatorError("eve is not welcome")
        if users[-1] == ["nobody"]:
            raise OperationalError("UPDATE", {}, ConnectionError("the database has gone"))
        return "" if users[-1] == users[0] else f"{len(file.users)} users"

    path = write_secret(tmp_path / "class.toml", ADA)
    reloader = Reloader(path, SimpleNamespace(apply=apply))  # type: ignore[arg-type]
    reloader.check()
    return SimpleNamespace(path=path, check=reloader.check, request=reloader.request, users=users)


def test_a_file_is_applied_once_per_change(applied: Any) -> None:
    applied.check()
    assert applied.users == [["ada"]]
    write_secret(applied.path, ADA + BOB)
    applied.check()
    applied.check()
    assert applied.users == [["ada"], ["ada", "bob"]]
    other = write_secret(applied.path.with_name("new.toml"), BOB)
    other.replace(applied.path)
    applied.check()
    applied.request()
    applied.check()
    assert applied.users[2:] == [["bob"], ["bob"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ADA + ADA + "token = 5", "cannot read the accounts file"),
        (ADA + "colour = 5", "user 1 has the unknown key 'colour'"),
        ("[limits]\ndevices = -2", "'devices' in 'limits' of the file must be a number of jobs"),
        ("[class]\nend = 2030-01-01", "the table 'class' has the unknown key 'end'"),
        (EVE, "eve is not welcome"),
        ("\n", "class.toml is empty"),
    ],
)
def test_an_error_is_logged_once(
    applied: Any, caplog: pytest.LogCaptureFixture, text: str, says: str
) -> None:
    write_secret(applied.path, text)
    for _ in range(3):
        applied.check()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert says in record.getMessage()
    assert record.getMessage().endswith("The users of the server have not changed.")
    assert "token-of" not in caplog.text
    caplog.clear()
    write_secret(applied.path, ADA)
    applied.check()
    assert applied.users[-1] == ["ada"]
    assert caplog.records[0].getMessage().endswith("class.toml: none")


def test_mode_and_deletion(applied: Any, caplog: pytest.LogCaptureFixture) -> None:
    applied.path.chmod(0o644)
    applied.check()
    assert "is open to other users" in caplog.text
    applied.path.chmod(0o600)
    applied.check()
    assert applied.users == [["ada"], ["ada"]]
    applied.path.unlink()
    applied.check()
    assert "No such file" in caplog.text
    assert len(applied.users) == 2


def test_a_lost_database_is_tried_again(applied: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    write_secret(applied.path, ADA.replace("ada", "nobody"))
    applied.check()
    applied.check()
    assert applied.users[1:] == [["nobody"], ["nobody"]]
    assert caplog.text.count("the database has gone") == 1


def test_a_running_server(tmp_path: Path) -> None:
    path = write_secret(tmp_path / "class.toml", ADA + BOB)
    store = str(tmp_path / "s.sqlite")
    server = Process("--accounts", str(path), "--store", store, "--workers", "0")
    try:
        ada, bob = Client(server.url, "token-of-ada"), Client(server.url, "token-of-bob")
        job_id = bob.submit()

        def login(name: str) -> int:
            credentials = {"apiToken": f"token-of-{name}"}
            url = f"{server.url}/users/loginWithToken"
            return httpx.post(url, json=credentials, trust_env=False).status_code

        def me(client: Client) -> int:
            return client.get("/users/me").status_code

        write_secret(path, BOB + EVE + "[limits]\ndevices = 1\n")
        until(lambda: me(ada), lambda status: status == 401)
        assert error_of(ada.get("/users/me")) == (401, 3445)
        assert (login("eve"), me(bob)) == (200, 200)
        assert bob.json("P/devices/ibmq_vigo/jobsLimit") == {"maximumJobs": 1, "runningJobs": 1}
        assert bob.status(job_id)["status"] == "CREATED"

        write_secret(path, ADA + "[limits]\nibmq_vgo = 1\n")
        assert server.child.stderr is not None
        lines = list(
            takewhile(
                lambda line: f"{path}: the limit of an unknown device" not in line,
                server.child.stderr,
            )
        )
        assert (login("ada"), login("eve"), me(bob)) == (401, 200, 200)
        write_secret(path, ADA + BOB)
        server.child.send_signal(signal.SIGHUP)
        until(lambda: me(ada), lambda status: status == 200)
    finally:
        server.end(signal.SIGTERM)
    assert server.child.returncode == 0
    log = "".join(lines) + server.err
    assert "1 user added, 1 user removed, limits changed" in log
    assert "token-of" not in log
