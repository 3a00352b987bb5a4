"""What the program for the shell prints and leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.accounts_file import read_accounts_file
from ibmq_backend.emulator.http.embedded import LocalService
from tests.secrets.conftest import Secrets
from tests.secrets.watch import Watch, files_below
from tests.secrets.wire import Wire, plain_text, refused
from tests.support.secret_files import write_secret


def test_no_command_shows_a_secret(
    service: LocalService,
    watch: Watch,
    wire: Wire,
    drawn: Secrets,
    clean_account: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QE_TOKEN", drawn.api_token)
    monkeypatch.setenv("WRONG", drawn.wrong_token)
    at = ["--url", service.url]
    ended = []
    for debug in ([], ["--debug"]):
        ended.append(main([*debug, "backends", *at]))
        ended.append(main([*debug, "jobs", *at, "--json"]))
        ended.append(main([*debug, "status", "ibmq_vigo", *at]))
        ended.append(main([*debug, "job", "0" * 24, *at]))
        ended.append(main([*debug, "backends", *at, "--token-env", "WRONG"]))
        for fault in (plain_text, refused(401)):
            with wire.broken("loginWithToken", fault):
                ended.append(main([*debug, "backends", *at]))
            with wire.broken("listBackends", fault):
                ended.append(main([*debug, "backends", *at]))
    shown = capfd.readouterr()
    watch.keep("screen", shown.out)
    watch.keep("errors", shown.err)
    for name, content in files_below(clean_account):
        watch.keep(f"file {name}", content)
    assert ended.count(0) == 6
    assert "ibmq_vigo" in shown.out
    assert "Traceback" in shown.err
    assert watch.hits() == []


def test_a_saved_account_is_shown_to_who_asks_for_it_only(
    watch: Watch, drawn: Secrets, capfd: pytest.CaptureFixture[str]
) -> None:
    crn = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{drawn.account}:1-2::"
    IBMQ.save_account(drawn.api_token, instance=crn)
    IBMQ.save_account(drawn.wrong_token, instance=crn)  # kept as it was, with a warning
    account = IBMQ.stored_account()
    assert account["token"] == drawn.api_token
    assert type(account["token"]) is str
    IBMQ.delete_account()
    shown = capfd.readouterr()
    watch.keep("screen", shown.out + shown.err)
    assert watch.hits() == []


def test_a_wrong_accounts_file_is_described_without_its_tokens(
    tmp_path: Path, watch: Watch, drawn: Secrets
) -> None:
    path = tmp_path / "accounts.toml"
    user = f'[[users]]\nname = "learner"\ntoken = "{drawn.api_token}"\n'
    for text in (
        f'{user}colour = "red"\n',
        f"{user}{user}",
        f'[[users]]\ntoken = ["{drawn.api_token}"]\n',
        f'{user}token = "{drawn.api_token}"\n',
        f'{user}projects = "{drawn.api_token}',
    ):
        write_secret(path, text)
        with pytest.raises(EmulatorError) as refusal:
            read_accounts_file(path)
        watch.error(text[:20], refusal.value, variables=False)
    assert watch.hits() == []
