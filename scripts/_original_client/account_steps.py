"""Login, stored accounts, hubs and projects."""

from __future__ import annotations

import os
from pathlib import Path

from checks import check, equal, raises
from qiskit import IBMQ
from qiskit.providers.ibmq.api.exceptions import AuthenticationLicenseError, RequestsApiError
from qiskit.providers.ibmq.exceptions import IBMQAccountCredentialsInvalidUrl, IBMQProviderError
from scene import Scene
from service import COURSE, COURSE_DEVICES, OPEN
from steps import Steps
from traffic import watched

steps = Steps("account")


def _place(provider: object) -> tuple[str, str, str]:
    credentials = provider.credentials
    return credentials.hub, credentials.group, credentials.project


@steps("a wrong token is refused, with the reason and the number")
def wrong_token(scene: Scene) -> None:
    wrong = "0123456789abcdef" * 8
    error = raises(
        RequestsApiError,
        lambda: IBMQ.enable_account(wrong, url=scene.service.url),
        "401 Client Error",
        "Login failed",
        "Error code: 3446",
    )
    check(wrong not in str(error), "the token is in the message")
    check("{" not in str(error), f"the bare reply is in the message: {error}")
    equal(IBMQ.active_account(), None, "active account")


@steps("who has not accepted the licence is told so")
def unlicensed(scene: Scene) -> None:
    token = scene.service.unlicensed_token
    raises(AuthenticationLicenseError, lambda: IBMQ.enable_account(token, url=scene.service.url))


@steps("an address that is no login service is named as such")
def wrong_address(scene: Scene) -> None:
    raises(
        (IBMQAccountCredentialsInvalidUrl, RequestsApiError),
        lambda: IBMQ.enable_account(scene.service.token, url=scene.service.url + "/nowhere"),
    )


@steps("a student has the projects and devices of the course only")
def student(scene: Scene) -> None:
    provider = IBMQ.enable_account(scene.service.student_token, url=scene.service.url)
    try:
        equal([_place(one) for one in IBMQ.providers()], [COURSE], "projects")
        equal(sorted(one.name() for one in provider.backends()), sorted(COURSE_DEVICES), "devices")
    finally:
        IBMQ.disable_account()


@steps("an account in the environment is loaded")
def environment(scene: Scene) -> None:
    os.environ.update(QE_TOKEN=scene.service.token, QE_URL=scene.service.url)
    try:
        equal(_place(IBMQ.load_account()), OPEN, "provider")
    finally:
        del os.environ["QE_TOKEN"], os.environ["QE_URL"]
        IBMQ.disable_account()


@steps("an account in qiskitrc is loaded, with its default provider")
def stored(scene: Scene) -> None:
    path = Path.home() / ".qiskit" / "qiskitrc"
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        f"[ibmq]\ntoken = {scene.service.token}\nurl = {scene.service.url}\nverify = True\n"
        f"default_provider = {'/'.join(COURSE)}\n",
        encoding="utf-8",
    )
    try:
        equal(_place(IBMQ.load_account()), COURSE, "provider")
    finally:
        path.unlink()
        IBMQ.disable_account()


@steps("login takes four requests and one for each project")
def login(scene: Scene) -> None:
    with watched() as seen:
        scene.account_provider = IBMQ.enable_account(scene.service.token, url=scene.service.url)
    equal(_place(scene.provider), OPEN, "the default provider")
    equal(
        [path.removeprefix("/api") for _, path, _ in seen.requests],
        [
            "/version",
            "/users/loginWithToken",
            "/users/me",
            "/Network",
            *(
                "/Network/{}/Groups/{}/Projects/{}/devices/v/1".format(*place)
                for place in (OPEN, COURSE)
            ),
        ],
        "requests",
    )
    equal(seen.complaints, [], "warnings of the client")
    equal(
        IBMQ.active_account(),
        {"token": scene.service.token, "url": scene.service.url},
        "active account",
    )
    equal(sorted(scene.provider.services()), ["backend"], "services")


@steps("hubs, groups and projects are listed and chosen by name")
def providers(scene: Scene) -> None:
    check(scene.provider in IBMQ.providers(), "the default provider is not in the list")
    equal([_place(one) for one in IBMQ.providers()], [OPEN, COURSE], "projects")
    equal(_place(IBMQ.get_provider(hub=COURSE[0])), COURSE, "provider of the hub")
    equal(_place(IBMQ.get_provider(project="main")), OPEN, "provider of the project")
    equal(IBMQ.providers(group="no such group"), [], "providers of a group that is not there")
    raises(IBMQProviderError, lambda: IBMQ.get_provider(hub="no such hub"))
    raises(IBMQProviderError, IBMQ.get_provider)
    course = IBMQ.get_provider(hub=COURSE[0])
    equal(sorted(one.name() for one in course.backends()), sorted(COURSE_DEVICES), "devices")
