"""One server for all tests of the pages, and a real browser.

Playwright's event loop occupies its thread as long as the browser runs, and would keep other tests
of the process from starting loops of their own. So the browser has a thread, in which the tests
with the fixture ``browser`` run too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.snapshots import discover, terra_folder
from ibmq_backend.emulator.dialects import create_dialects
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.pages.application import Pages
from ibmq_backend.emulator.service_state import ServiceState
from tests.support.emulator import PATIENCE, PLAIN_HTTP
from tests.support.secret_files import write_secret

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
COOKIE = "ibmq_backend_session"
LAPTOP: ViewportSize = {"width": 1280, "height": 720}

ADA, BOB, MALLORY = "token-of-ada", "token-of-bob", "token-of-mallory"
ADMIN = "token-of-the-teacher"
HOSTILE = "<img src=x onerror=alert(1)>\"'&{{7*7}}"
"""Name of a user and of a device."""

GATE = r'"<b>cx</b>\ud800"'
"""Name of a gate in JSON, with half of a character."""

ACCOUNTS = f"""
admin_token = "{ADMIN}"
[[project]]
instance = "uni/physics/course"
default = true
devices = ["ibmq_lima", "ibm_washington", "ibmq_qasm_simulator"]
[[user]]
name = "ada"
token = "{ADA}"
[[user]]
name = "bob"
token = "{BOB}"
instances = ["uni/physics/course"]
[[user]]
name = {json.dumps(HOSTILE)}
token = "{MALLORY}"
[[platform]]
name = "course"
plan = "premium"
users = ["ada"]
[[booking]]
user = "ada"
instance = "uni/physics/course"
backend = "ibmq_lima"
start = 2099-01-01T00:00:00Z
end = 2099-01-01T01:00:00Z
"""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: its URL without path.
        store: its database.
        folder: its files; ``err`` is what it logs.
    """

    url: str
    store: Path
    folder: Path

    @contextmanager
    def client(self, token: str | None = None) -> Iterator[httpx.Client]:
        """Return a client that does not follow redirections, logged in with a token."""
        with httpx.Client(base_url=self.url, **PLAIN_HTTP) as client:
            if token is not None:
                reply = client.post("/web/login", data={"token": token})
                assert reply.status_code == 303, reply.text
            yield client


def write_devices(folder: Path) -> None:
    """Write a device whose name and gate are HTML."""
    files = next(one for one in discover(terra_folder()) if one.stem == "vigo")
    assert files.configuration is not None
    assert files.properties is not None
    text = files.configuration.read_text(encoding="utf-8")
    configuration = {**json.loads(text), "backend_name": HOSTILE}
    properties = files.properties.read_text(encoding="utf-8").replace('"cx"', GATE)
    folder.mkdir()
    (folder / "conf_hostile.json").write_text(json.dumps(configuration), encoding="utf-8")
    (folder / "props_hostile.json").write_text(properties, encoding="utf-8")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, as ``ibmq-backend serve`` starts it."""
    folder = tmp_path_factory.mktemp("pages")
    write_devices(folder / "devices")
    accounts = write_secret(folder / "accounts.toml", ACCOUNTS)
    store = folder / "s.sqlite"
    command = [
        *(sys.executable, "-m", "ibmq_backend.emulator", "--port", "0"),
        *("--accounts", str(accounts), "--store", str(store)),
        *("--devices", str(folder / "devices"), "--platform-device", "ibmq_quito"),
    ]
    with (folder / "err").open("w") as err:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True, cwd=ROOT)
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line + (folder / "err").read_text()
        yield Server(found.group(), store, folder)
    finally:
        child.terminate()
        child.communicate(timeout=PATIENCE)


@pytest.fixture
def state(tmp_path: Path, catalog: Catalog, clock: ManualClock) -> Iterator[ServiceState]:
    """A service in this process, with a clock that stands still."""
    users = [User("ada", ADA), User("eve", "eve", license_accepted=False)]
    state = ServiceState(str(tmp_path / "s.sqlite"), catalog=catalog, clock=clock, users=users)
    state.accounts.set_admin_token(ADMIN)
    yield state
    state.close()


def visitor(state: ServiceState, scheme: str = "http") -> httpx.AsyncClient:
    """Return a client of the pages of a service in this process."""
    app = create_app(state, create_dialects(state), pages=Pages)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=f"{scheme}://localhost"
    )


@dataclass
class Browser:
    """The browser of one test.

    Attributes:
        server: the server whose pages it shows.
        tab: a page that the tests share, without cookies; another one takes a second to open.
        complaints: errors in the console or on a page, and requests to other servers; a test fails
            if there are any at its end.
    """

    server: Server
    tab: Page
    complaints: list[str] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)

    def open(
        self,
        path: str = "/",
        token: str | None = None,
        viewport: ViewportSize = LAPTOP,
        **options: Any,
    ) -> Page:
        """Open a page.

        Args:
            path: path on the server.
            token: token to log in with; None to log nobody in.
            viewport: size of the page in pixels.
            **options: options of ``new_context``, for a page that is not shared.
        """
        page = self.tab
        if options:
            assert page.context.browser is not None
            page = page.context.browser.new_context(
                **{"base_url": self.server.url, **options}
            ).new_page()
        self._pages.append(page)
        page.context.set_default_timeout(1000 * PATIENCE)
        page.on("request", self._check)
        page.on("console", self._hear)
        page.on("pageerror", self._fail)
        page.set_viewport_size(viewport)
        if token is not None:
            reply = page.context.request.post("/web/login", form={"token": token}, max_redirects=0)
            assert reply.status == 303
        page.goto(path)
        return page

    def close(self) -> None:
        """Close the pages, and make the shared one as it was."""
        for page in self._pages:
            if page is not self.tab:
                page.context.close()
                continue
            page.goto("about:blank")
            page.remove_listener("request", self._check)
            page.remove_listener("console", self._hear)
            page.remove_listener("pageerror", self._fail)
            page.emulate_media(color_scheme="null")
            page.context.clear_cookies()

    def _check(self, request: Request) -> None:
        if not request.url.startswith((f"{self.server.url}/", "about:")):
            self.complaints.append(f"request to {request.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _fail(self, error: Exception) -> None:
        self.complaints.append(str(error))


@pytest.fixture(scope="session")
def browser_thread() -> Iterator[ThreadPoolExecutor]:
    """The thread of the browser."""
    with ThreadPoolExecutor(1, "browser") as thread:
        yield thread


@pytest.fixture(scope="session")
def chromium(browser_thread: ThreadPoolExecutor) -> Iterator[Chromium]:
    """Debian's Chromium without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing")
    api = pytest.importorskip("playwright.sync_api")  # takes a while
    manager = api.sync_playwright()
    playwright = browser_thread.submit(manager.start).result()
    launch: Callable[[], Chromium] = lambda: playwright.chromium.launch(  # noqa: E731
        executable_path=CHROMIUM, args=ARGUMENTS
    )
    launched = browser_thread.submit(launch).result()
    yield launched
    browser_thread.submit(launched.close).result()
    browser_thread.submit(playwright.stop).result()


@pytest.fixture(scope="session")
def tab(server: Server, chromium: Chromium, browser_thread: ThreadPoolExecutor) -> Page:
    """The page that the tests share."""
    opening = browser_thread.submit(chromium.new_page, base_url=server.url)
    page: Page = opening.result()
    return page


@pytest.fixture
def browser(server: Server, tab: Page, browser_thread: ThreadPoolExecutor) -> Iterator[Browser]:
    """A browser whose test runs in the thread of the browser."""
    opened = Browser(server, tab)
    yield opened
    browser_thread.submit(opened.close).result()
    assert opened.complaints == []


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test with a browser in the thread of the browser."""
    thread = pyfuncitem.funcargs.get("browser_thread")
    if thread is None:
        return None
    names = pyfuncitem._fixtureinfo.argnames
    thread.submit(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names}).result()
    return True
