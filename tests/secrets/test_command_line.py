"""Output and files of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from tests.secrets.conftest import Secrets
from tests.secrets.leak_detector import LeakDetector, files_below
from tests.secrets.request_faults import RequestFaults, error_reply, plain_text
from tests.support.secret_files import write_secret


def test_no_command_shows_a_secret(
    service: LocalService,
    detector: LeakDetector,
    faults: RequestFaults,
    drawn_secrets: Secrets,
    clean_account: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QE_TOKEN", drawn_secrets.api_token)
    monkeypatch.setenv("WRONG", drawn_secrets.wrong_token)
    at = ["--url", service.url]
    statuses = []
    for debug in ([], ["--debug"]):
        statuses.append(main([*debug, "backends", *at]))
        statuses.append(main([*debug, "jobs", *at, "--json"]))
        statuses.append(main([*debug, "status", "ibmq_vigo", *at]))
        statuses.append(main([*debug, "job", "0" * 24, *at]))
        statuses.append(main([*debug, "backends", *at, "--token-env", "WRONG"]))
        for fault in (plain_text, error_reply(401)):
            with faults.failing("loginWithToken", fault):
                statuses.append(main([*debug, "backends", *at]))
            with faults.failing("listBackends", fault):
                statuses.append(main([*debug, "backends", *at]))
    shown = capfd.readouterr()
    detector.add_text("screen", shown.out)
    detector.add_text("errors", shown.err)
    for name, content in files_below(clean_account):
        detector.add_text(f"file {name}", content)
    assert statuses.count(0) == 6
    assert "ibmq_vigo" in shown.out
    assert "Traceback" in shown.err
    assert detector.leaks() == []


def test_saved_token_is_shown_only_by_stored_account(
    detector: LeakDetector, drawn_secrets: Secrets, capfd: pytest.CaptureFixture[str]
) -> None:
    crn = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{drawn_secrets.account}:1-2::"
    IBMQ.save_account(drawn_secrets.api_token, instance=crn)
    IBMQ.save_account(drawn_secrets.wrong_token, instance=crn)  # not saved, with a warning
    account = IBMQ.stored_account()
    assert account["token"] == drawn_secrets.api_token
    assert type(account["token"]) is str
    IBMQ.delete_account()
    shown = capfd.readouterr()
    detector.add_text("screen", shown.out + shown.err)
    assert detector.leaks() == []


def test_errors_about_an_accounts_file_contain_no_token(
    tmp_path: Path, detector: LeakDetector, drawn_secrets: Secrets
) -> None:
    path = tmp_path / "accounts.toml"
    user = f'[[users]]\nname = "learner"\ntoken = "{drawn_secrets.api_token}"\n'
    for text in (
        f'{user}colour = "red"\n',
        f"{user}{user}",
        f'[[users]]\ntoken = ["{drawn_secrets.api_token}"]\n',
        f'{user}token = "{drawn_secrets.api_token}"\n',
        f'{user}projects = "{drawn_secrets.api_token}',
    ):
        write_secret(path, text)
        with pytest.raises(EmulatorError) as refusal:
            read_accounts_file(path)
        detector.add_error(text[:20], refusal.value, variables=False)
    assert detector.leaks() == []
