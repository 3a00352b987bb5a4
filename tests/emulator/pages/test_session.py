"""Login and logout of people in a browser."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date

import anyio
import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.pages.session import SESSION_SECONDS
from ibmq_backend.emulator.service_state import ServiceState
from tests.emulator.pages.conftest import ADA, ADMIN, COOKIE, Browser, Server, visitor


def test_log_in_go_where_one_wanted_and_log_out(browser: Browser) -> None:
    page = browser.open("/web/devices/ibmq_lima")
    assert page.title() == "Log in · ibmq_backend"
    page.get_by_label("API token").fill(f" {ADA} ")
    page.keyboard.press("Enter")
    page.wait_for_url("/web/devices/ibmq_lima")
    assert page.get_by_text("Logged in as ada").is_visible()
    cookie = next(one for one in page.context.cookies() if one["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["expires"] == -1  # until the browser ends
    assert not cookie["secure"]
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("/web/login")
    page.context.add_cookies([cookie])  # of a copy
    page.goto("/")
    assert page.get_by_text("Your session has ended. Log in again.").is_visible()


def test_a_session_that_has_ended(browser: Browser) -> None:
    page = browser.open("/web/connect", ADMIN)
    assert page.get_by_text("Logged in as teacher").is_visible()
    with sqlite3.connect(browser.server.store) as store:
        store.execute("UPDATE access_tokens SET expires_ms = 0")
    store.close()
    page.get_by_role("link", name="Connect").click()
    page.wait_for_url("/web/login?next=/web/connect")
    assert page.get_by_role("alert").inner_text() == "Your session has ended. Log in again."
    page.get_by_label("API token").fill(ADMIN)
    page.keyboard.press("Enter")
    page.wait_for_url("/web/connect")


def test_wrong_token(browser: Browser) -> None:
    page = browser.open("/web/login")
    page.get_by_label("API token").fill("a-secret-of-elsewhere")
    page.get_by_role("button", name="Log in").click()
    assert "No user of this server has this token." in page.get_by_role("alert").inner_text()
    assert "a-secret-of-elsewhere" not in page.content() + page.url
    assert page.evaluate("document.activeElement.id") == "token"
    browser.complaints.clear()  # the console names the status 401


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/web/devices/ibmq_lima", "/web/devices/ibmq_lima"),
        ("/web/jobs?page=2&device=a%20b", "/web/jobs?page=2&device=a%20b"),
        ("//evil.example/web/", "/"),
        ("https://evil.example/web/", "/"),
        ("/\\evil.example/web/", "/"),
        ("/web/\\evil.example", "/"),
        ("/web/x\r\nSet-Cookie: a=b", "/"),
        ("/api/version", "/"),
        ("/web/login?next=/web/login", "/"),
        ("/web/logout", "/"),
    ],
)
def test_login_leads_to_local_pages_only(server: Server, wanted: str, target: str) -> None:
    with server.client() as client:
        reply = client.post("/web/login", data={"token": ADA, "next": wanted})
        assert reply.headers["location"] == target
        assert client.get("/web/login", params={"next": wanted}).headers["location"] == target


def test_forged_requests_of_other_sites(server: Server) -> None:
    foreign = {"Origin": "http://127.0.0.1:9"}
    with server.client(ADA) as client:
        reply = client.post("/web/logout", headers=foreign)
        assert (reply.status_code, reply.headers["content-type"][:9]) == (403, "text/html")
        assert "content-security-policy" in reply.headers
        assert client.get("/").status_code == 200  # still logged in
        assert client.get("/web/logout").status_code == 405
        client.cookies.clear()  # a browser sends none with requests of other sites
        assert client.post("/web/logout").headers["location"] == "/web/login"
        reply = client.post("/web/login", data={"token": ADA}, headers=foreign)
        assert (reply.status_code, reply.headers.get("set-cookie")) == (403, None)


def test_a_post_without_a_session_leads_back_to_its_page(server: Server) -> None:
    with server.client() as client:
        came_from = {"Referer": f"{server.url}/web/devices/ibmq_lima"}
        reply = client.post("/web/logout", headers=came_from)
        assert reply.headers["location"] == "/web/login?next=/web/devices/ibmq_lima"


def test_sessions_of_the_teacher_are_no_access_tokens(server: Server) -> None:
    with server.client(ADMIN) as client:
        token = client.cookies[COOKIE]
        assert ADMIN not in token
        reply = client.get("/api/users/me", headers={"X-Access-Token": token})
        assert reply.status_code == 401
        reply = client.get("/admin/jobs", headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 401


def test_guesses_are_slowed_down_and_tokens_not_logged(server: Server) -> None:
    with server.client() as client:
        for _ in range(2):
            reply = client.post("/web/login", data={"token": "guess-of-a-token"})
            assert (reply.status_code, reply.headers.get("set-cookie")) == (401, None)
        assert (
            client.post(
                "/web/login", data=dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 1)
            ).status_code
            == 400
        )
    log = (server.folder / "err").read_text()
    assert log.count("dialect=page outcome=refused") >= 2
    for secret in ("guess-of-a-token", ADA, ADMIN):
        assert secret not in log


def replace_users(state: ServiceState, *users: User) -> None:
    state.accounts.directory = state.accounts.create_directory(users, admin_token=ADMIN)


@pytest.mark.parametrize(
    ("token", "end"),
    [
        (ADA, lambda state: state.clock.advance(SESSION_SECONDS)),
        (ADA, lambda state: replace_users(state, User("ada", "another"))),
        (ADA, lambda state: replace_users(state, User("bob", ADA))),
        (ADMIN, lambda state: state.clock.advance(SESSION_SECONDS)),
        (ADMIN, lambda state: state.accounts.set_admin_token("another")),
    ],
    ids=["time", "new token", "removed", "time of the teacher", "new admin token"],
)
def test_sessions_end(state: ServiceState, token: str, end: Callable[[ServiceState], None]) -> None:
    async def visit() -> None:
        async with visitor(state) as client:
            await client.post("/web/login", data={"token": token})
            state.clock.advance(SESSION_SECONDS - 1)
            assert (await client.get("/")).status_code == 200
            end(state)
            reply = await client.get("/web/connect")
            assert reply.headers["location"] == "/web/login?next=/web/connect"
            assert "Your session has ended." in (await client.get("/web/login")).text

    anyio.run(visit)


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_with_tls_the_cookie_is_not_sent_without(
    state: ServiceState, scheme: str, secure: bool
) -> None:
    async def visit() -> None:
        async with visitor(state, scheme) as client:
            reply = await client.post("/web/login", data={"token": ADA})
            assert ("Secure" in reply.headers["set-cookie"].split("; ")) == secure
            page = (await client.get("/web/connect")).text
            assert ("export SSL_CERT_FILE=" in page) == secure

    anyio.run(visit)


def test_who_cannot_log_in_is_told_why(state: ServiceState) -> None:
    async def visit() -> None:
        async with visitor(state) as client:
            for token, reason in (
                ("eve", "not accepted the licence"),
                ("", "No user"),
                (ADA, "ended"),
            ):
                reply = await client.post(
                    "/web/login", data={"token": token, "next": "/web/connect"}
                )
                assert reply.status_code == 401
                assert reason in reply.text
                assert 'name="next" value="/web/connect"' in reply.text

    state.accounts.directory = state.accounts.create_directory(
        [User("ada", ADA), User("eve", "eve", license_accepted=False)], last_day=date(2021, 1, 1)
    )
    anyio.run(visit)


def test_in_open_mode_every_token_is_a_user(state: ServiceState) -> None:
    async def visit() -> None:
        names = set()
        for token in ("x", "y", "x"):
            async with visitor(state) as client:
                await client.post("/web/login", data={"token": token})
                names.add((await client.get("/")).text.partition("<strong>")[2][:13])
        assert len(names) == 2
        assert all(name.startswith("user-") for name in names)
        async with visitor(state) as client:
            await client.post("/web/login", data={"token": ADMIN})
            assert "<strong>teacher</strong>" in (await client.get("/")).text
            state.accounts.directory = state.accounts.create_directory([], open_mode=True)
            assert (await client.get("/")).status_code == 303

    state.accounts.directory = state.accounts.create_directory(
        [], open_mode=True, admin_token=ADMIN
    )
    anyio.run(visit)
