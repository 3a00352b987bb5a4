"""Login, stored accounts, hubs and projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from accounts import COURSE, COURSE_DEVICES, OPEN, Tokens
from qiskit import IBMQ
from qiskit.providers.ibmq.api.exceptions import AuthenticationLicenseError, RequestsApiError
from qiskit.providers.ibmq.exceptions import IBMQAccountCredentialsInvalidUrl, IBMQProviderError
from traffic import watched

pytestmark = pytest.mark.usefixtures("logged_out")


def project_of(provider: Any) -> tuple[str, str, str]:
    credentials = provider.credentials
    return credentials.hub, credentials.group, credentials.project


def names(backends: list[Any]) -> list[str]:
    return sorted(backend.name() for backend in backends)


def test_a_wrong_token_is_refused_with_reason_and_code(url: str) -> None:
    token = "0123456789abcdef" * 8
    with pytest.raises(RequestsApiError, match="401 Client Error") as error:
        IBMQ.enable_account(token, url=url)
    message = str(error.value)
    assert "Login failed" in message
    assert "Error code: 3446" in message
    assert token not in message
    assert "{" not in message, "the client could not read the reply and shows it as it is"
    assert IBMQ.active_account() is None


def test_a_user_without_accepted_licence_is_refused(url: str, tokens: Tokens) -> None:
    with pytest.raises(AuthenticationLicenseError):
        IBMQ.enable_account(tokens.unlicensed, url=url)


def test_a_url_without_login_service_is_refused(url: str, tokens: Tokens) -> None:
    with pytest.raises((IBMQAccountCredentialsInvalidUrl, RequestsApiError)):
        IBMQ.enable_account(tokens.user, url=f"{url}/nowhere")


def test_a_student_has_only_the_course_and_its_devices(url: str, tokens: Tokens) -> None:
    provider = IBMQ.enable_account(tokens.student, url=url)
    assert [project_of(one) for one in IBMQ.providers()] == [COURSE]
    assert names(provider.backends()) == COURSE_DEVICES


def test_an_account_in_the_environment_is_loaded(
    url: str, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QE_TOKEN", tokens.user)
    monkeypatch.setenv("QE_URL", url)
    assert project_of(IBMQ.load_account()) == OPEN


def test_an_account_in_qiskitrc_is_loaded_with_its_default_provider(
    url: str, tokens: Tokens
) -> None:
    path = Path.home() / ".qiskit" / "qiskitrc"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"[ibmq]\ntoken = {tokens.user}\nurl = {url}\nverify = True\n"
        f"default_provider = {'/'.join(COURSE)}\n",
        encoding="utf-8",
    )
    try:
        assert project_of(IBMQ.load_account()) == COURSE
    finally:
        path.unlink()


def test_login_takes_four_requests_and_one_for_each_project(url: str, tokens: Tokens) -> None:
    with watched() as seen:
        provider = IBMQ.enable_account(tokens.user, url=url)
    assert project_of(provider) == OPEN
    assert [path.removeprefix("/api") for _, path, _ in seen.requests] == [
        "/version",
        "/users/loginWithToken",
        "/users/me",
        "/Network",
        "/Network/{}/Groups/{}/Projects/{}/devices/v/1".format(*OPEN),
        "/Network/{}/Groups/{}/Projects/{}/devices/v/1".format(*COURSE),
    ]
    assert seen.complaints == []
    assert IBMQ.active_account() == {"token": tokens.user, "url": url}
    assert list(provider.services()) == ["backend"]


def test_providers_are_listed_and_chosen_by_name(url: str, tokens: Tokens) -> None:
    provider = IBMQ.enable_account(tokens.user, url=url)
    assert provider in IBMQ.providers()
    assert [project_of(one) for one in IBMQ.providers()] == [OPEN, COURSE]
    course = IBMQ.get_provider(hub=COURSE[0])
    assert project_of(course) == COURSE
    assert names(course.backends()) == COURSE_DEVICES
    assert project_of(IBMQ.get_provider(project="main")) == OPEN
    assert IBMQ.providers(group="no such group") == []
    with pytest.raises(IBMQProviderError):
        IBMQ.get_provider(hub="no such hub")
    with pytest.raises(IBMQProviderError):
        IBMQ.get_provider()
