"""Login and logout of people by cookie.

The cookie holds an access token as the API issues it, of a shorter life; the database has its
digest only. The session of the admin token ends when that token changes.

Against forged requests of other sites (CSRF): browsers send the cookie, which is
``SameSite=Strict``, with no request that another site causes, and
:class:`~ibmq_backend.emulator.wire.host_guard.HostGuard` rejects every request with the ``Origin``
of another site, other ports of this machine included. A POST that has neither acts for nobody.
Nothing is changed by GET.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response

from ibmq_backend.emulator.accounts.accounts import Accounts, Login
from ibmq_backend.emulator.core.errors import (
    ClassEnded,
    LicenseNotAccepted,
    UnknownToken,
    WrongLogin,
)
from ibmq_backend.emulator.pages.site import (
    COOKIE,
    LOGIN_PATH,
    LOGOUT_PATH,
    Page,
    PageError,
    PageRequest,
    Site,
    local_path,
)

SESSION_SECONDS: Final = 43_200
"""A day of classes."""


class LoginRefused(PageError, WrongLogin):
    """A wrong login; the reply is the form again, delayed.

    Args:
        message: what is wrong and what to do next.
        target: the page to go to afterwards.
        delay_seconds: the delay.
    """

    def __init__(self, message: str, target: str, delay_seconds: float = 0.0) -> None:
        super().__init__(401, "Log in", message)
        self.target = target
        self.delay_seconds = delay_seconds

    def respond(self, site: Site, http: HttpRequest) -> Response:
        """Return the form with the message."""
        return _form(site, http, self.target, self.message, self.status)


def show_login(site: Site, request: PageRequest) -> Response:
    """Show the form, or the wanted page to somebody who is logged in."""
    http = request.http
    target = local_path(http.query_params.get("next", ""))
    if site.find_viewer(http) is not None:
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    message = "Your session has ended. Log in again." if COOKIE in http.cookies else ""
    return _form(site, http, target, message)


def log_in(site: Site, request: PageRequest) -> Response:
    """Log somebody in with an API token or the admin token.

    Raises:
        LoginRefused: the token is wrong, its user has not accepted the licence, or the class has
            ended.
        TooManyLogins: too many wrong logins are being delayed.
    """
    http, accounts = request.http, site.service.accounts
    target = local_path(request.form.get("next", ""))
    token = request.form.get("token", "").strip()
    try:
        login = site.exchanges.check_login(http, "page", _login, accounts, token)
    except UnknownToken as wrong:
        message = "No user of this server has this token. Copy the whole token and try again."
        raise LoginRefused(message, target, wrong.delay_seconds) from wrong
    except LicenseNotAccepted as wrong:
        message = "This user has not accepted the licence. Ask the person who runs the server."
        raise LoginRefused(message, target) from wrong
    except ClassEnded as wrong:
        raise LoginRefused(wrong.sentence, target) from wrong
    site.exchanges.report_login(http, "page", login.user_id)
    reply = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    reply.set_cookie(
        COOKIE,
        login.access_token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=http.url.scheme == "https",
    )
    return reply


def log_out(site: Site, request: PageRequest) -> Response:
    """Revoke the session."""
    site.service.accounts.revoke(request.http.cookies.get(COOKIE, ""))
    reply = RedirectResponse(LOGIN_PATH, HTTPStatus.SEE_OTHER)
    reply.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return reply


def _form(site: Site, http: HttpRequest, target: str, message: str, status: int = 200) -> Response:
    return site.render(http, "login.html", status, target=target, message=message)


def _login(accounts: Accounts, token: str) -> Login:
    if accounts.is_admin(token):
        return accounts.login_admin(token, SESSION_SECONDS)
    return accounts.login(token, SESSION_SECONDS)


PAGES: Final = (
    Page(LOGIN_PATH, show_login, anonymous=True),
    Page(LOGIN_PATH, log_in, "POST", anonymous=True),
    Page(LOGOUT_PATH, log_out, "POST"),
)
