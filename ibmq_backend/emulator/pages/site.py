"""What all pages share: their routes, their templates, the person who looks, and error pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.errors import (
    BodyTooLarge,
    DomainError,
    InternalError,
    NotLoggedIn,
    StorageFull,
    TooManyLogins,
    UnknownBackend,
    UnknownJob,
)
from ibmq_backend.emulator.dialects import Dialects
from ibmq_backend.emulator.pages.job_views import JobViews
from ibmq_backend.emulator.pages.live import LiveChanges
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.body import ANONYMOUS_BODY_BYTES, Body
from ibmq_backend.emulator.wire.exchange import ErrorFormat, Exchanges, Operation

if TYPE_CHECKING:
    from jinja2 import Environment

COOKIE: Final = "ibmq_backend_session"
FOLDER: Final = Path(__file__).parent
LOGIN_PATH: Final = "/web/login"
LOGOUT_PATH: Final = "/web/logout"
_MAX_FIELDS: Final = 20
_VIEWER: Final = "viewer"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks at a page.

    Attributes:
        account: the user; None for the teacher, who logs in with the admin token.
    """

    account: Account | None

    @property
    def is_teacher(self) -> bool:
        """Whether the person sees the jobs of all users."""
        return self.account is None

    @property
    def user_id(self) -> str | None:
        """The id of the user whose jobs are shown; None for all users."""
        return None if self.account is None else self.account.user_id

    @property
    def name(self) -> str:
        """The display name."""
        return "teacher" if self.account is None else self.account.name


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page.

    Attributes:
        http: the request.
        viewer: who looks; None on pages that need no login.
        form: the fields of the form of a POST; of repeated fields the last one.
    """

    http: HttpRequest
    viewer: Viewer | None
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def known_viewer(self) -> Viewer:
        """The viewer of a page that needs a login.

        Raises:
            NotLoggedIn: nobody is logged in.
        """
        if self.viewer is None:
            raise NotLoggedIn
        return self.viewer


@dataclass(frozen=True, slots=True)
class Page:
    """A page at one path.

    Attributes:
        path: path with ``{names}`` for parameters, which ``http.path_params`` has.
        show: returns the reply; called in a thread with the database at hand.
        method: HTTP method.
        anonymous: whether the page needs no login.
    """

    path: str
    show: Callable[[Site, PageRequest], Response]
    method: str = "GET"
    anonymous: bool = False


class PageError(Exception):
    """An error that a page shows to the person.

    Args:
        status: HTTP status.
        title: what is wrong, in a few words.
        message: what is wrong and what to do next.
    """

    def __init__(self, status: int, title: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.title = title
        self.message = message

    def respond(self, site: Site, http: HttpRequest) -> Response:
        """Return the page of the error."""
        return site.render(http, "error.html", self.status, title=self.title, message=self.message)


class LoginNeeded(PageError):
    """Nobody is logged in; the reply leads to the login and from there back to the page."""

    def __init__(self) -> None:
        super().__init__(401, "Log in", "Log in to see this page.")

    def respond(self, site: Site, http: HttpRequest) -> Response:  # noqa: ARG002
        """Return a redirection to the login."""
        return RedirectResponse(login_url(http), HTTPStatus.SEE_OTHER)


class Site:
    """The pages of one server.

    Args:
        service: the state of the service.
        dialects: the dialects, which own the jobs.
        exchanges: answers the requests.

    Attributes:
        views: prepares drawings and results of jobs.
        live: streams the changes of jobs.
    """

    def __init__(self, service: ServiceState, dialects: Dialects, exchanges: Exchanges) -> None:
        self.service = service
        self.dialects = dialects
        self.exchanges = exchanges
        self.views = JobViews(dialects.platform.state.engine)
        self.live = LiveChanges(service, exchanges.limiter)

    def route(self, page: Page) -> Route:
        """Return the route of a page."""
        return Route(page.path, self.handler(page), methods=[page.method])

    def handler(self, page: Page) -> Callable[[HttpRequest], Awaitable[Response]]:
        """Return the function that answers requests for a page."""

        def authorize(http: HttpRequest) -> PageRequest:
            viewer = None if page.anonymous else self.require_viewer(http)
            return PageRequest(http, viewer)

        def run(http: HttpRequest, body: Body, request: PageRequest) -> Response:
            return page.show(self, PageRequest(http, request.viewer, _read_form(body)))

        def owner(request: PageRequest) -> str:
            return "" if request.viewer is None else request.viewer.user_id or ""

        operation = Operation(
            f"{page.method} {page.path}",
            ANONYMOUS_BODY_BYTES,
            page.anonymous,
            authorize,
            run,
            owner,
        )
        return partial(self._answer, operation)

    async def _answer(self, operation: Operation[PageRequest], http: HttpRequest) -> Response:
        errors = ErrorFormat(PageError, translate, lambda error: error.respond(self, http))
        return await self.exchanges.answer(http, operation, errors)

    # -- who looks --------------------------------------------------------------------------

    def find_viewer(self, http: HttpRequest) -> Viewer | None:
        """Return who is logged in by the cookie of a request; None for nobody."""
        token = http.cookies.get(COOKIE)
        accounts = self.service.accounts
        if token is not None and accounts.is_admin_session(token):
            return Viewer(None)
        try:
            return Viewer(accounts.authenticate(token))
        except NotLoggedIn:
            return None

    def require_viewer(self, http: HttpRequest) -> Viewer:
        """Return who is logged in by the cookie of a request.

        Raises:
            NotLoggedIn: nobody is.
        """
        viewer = self.find_viewer(http)
        if viewer is None:
            raise NotLoggedIn
        setattr(http.state, _VIEWER, viewer)
        return viewer

    # -- replies ----------------------------------------------------------------------------

    def render(
        self, http: HttpRequest, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a page made from a template.

        Args:
            http: the request.
            template: name of the file in ``templates``.
            status: HTTP status.
            **values: values of the template; ``viewer`` and ``path`` are added.
        """
        values.setdefault("viewer", getattr(http.state, _VIEWER, None))
        text = self._templates.get_template(template).render(path=http.url.path, **values)
        return HTMLResponse(text.encode("utf-8", "replace"), status)  # names may have surrogates

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 50 ms

        templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["path"] = partial(quote, safe="", errors="replace")
        return templates


def translate(error: DomainError) -> PageError:
    """Return a domain error as a person should see it."""
    match error:
        case NotLoggedIn():
            return LoginNeeded()
        case UnknownJob():
            return PageError(
                404, "Unknown job", "There is no such job, or it belongs to somebody else."
            )
        case UnknownBackend():
            return PageError(
                404, "Unknown device", "There is no such device, or it is not open to you."
            )
        case TooManyLogins():
            return PageError(
                429,
                "Too many wrong logins",
                f"Wait {error.retry_after_seconds} s, then log in again.",
            )
        case BodyTooLarge():
            return PageError(413, "Too much text", "The form holds too much text. Shorten it.")
        case StorageFull():
            return PageError(
                507, "The disk is full", "Nothing more can be stored. Tell the person who runs it."
            )
        case InternalError():
            return PageError(
                500, "The server has failed", "This is a defect. The log of the server says more."
            )
    return PageError(
        503, "The server cannot answer now", "Load the page again in a moment. No job is lost."
    )


def local_path(target: str) -> str:
    """Return the path and query of a page to go to; the overview for anything else."""
    path = urlsplit(target).path if target.startswith("/web/") else ""
    is_safe = "\\" not in target and target.isprintable()
    return target if path and is_safe and path not in (LOGIN_PATH, LOGOUT_PATH) else "/"


def login_url(http: HttpRequest) -> str:
    """Return the URL of the login that leads back to the page of a request."""
    address = http.headers.get("referer", "") if http.method == "POST" else str(http.url)
    came_from = urlsplit(address)._replace(scheme="", netloc="", fragment="")
    target = local_path(came_from.geturl())
    return LOGIN_PATH if target == "/" else f"{LOGIN_PATH}?next={quote(target)}"


def _read_form(body: Body) -> dict[str, str]:
    if not body.size:
        return {}
    try:
        return dict(parse_qsl(body.read().decode("utf-8", "replace"), max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        message = f"The form has more than {_MAX_FIELDS} fields."
        raise PageError(400, "Too many fields", message) from error
