"""Headers, unknown paths, and the look of all pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ibmq_backend.emulator.pages.site import FOLDER
from ibmq_backend.visualization.colours import contrast
from tests.emulator.pages.conftest import ADA, Browser, Server

STYLE = (FOLDER / "static" / "style.css").read_text(encoding="utf-8")
AA = 4.5
"""Least contrast of texts in WCAG 2, level AA."""


@pytest.mark.parametrize(
    "path", ["/", "/web/login", "/web/nothing", "/web/static/style.css", "/web/events"]
)
def test_headers_of_every_reply(server: Server, path: str) -> None:
    with server.client() as client:
        headers = client.get(path).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules.pop("default-src") == rules["frame-ancestors"] == rules.pop("base-uri") == "'none'"
    assert rules.pop("frame-ancestors") == "'none'"
    assert set(rules.values()) == {"'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/web/nothing", 404),
        ("GET", "/web/devices/nothing", 404),
        ("GET", "/web//nothing/", 404),
        ("GET", "/web/static/../site.py", 404),
        ("GET", "/web/static/%2e%2e/site.py", 404),
        ("POST", "/", 405),
        ("DELETE", "/web/connect", 405),
    ],
)
def test_people_get_pages_of_errors(server: Server, method: str, path: str, status: int) -> None:
    with server.client(ADA) as client:
        reply = client.request(method, path)
    assert (reply.status_code, reply.headers["content-type"][:9]) == (status, "text/html")
    assert reply.headers["cache-control"] == "no-store"
    assert '<nav aria-label="Pages">' in reply.text
    assert '<a href="/">Go to the overview</a>' in reply.text


@pytest.mark.parametrize("path", ["/webs", "/api", "/api/web", "/api/web/login", "/v1/nothing"])
def test_programs_get_errors_of_the_api(server: Server, path: str) -> None:
    with server.client(ADA) as client:
        reply = client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/json")


def test_the_private_service_has_no_pages(service) -> None:
    with Server(service.url, Path(), Path()).client() as client:
        for path in ("/", "/web/login"):
            assert client.get(path).headers["content-type"] == "application/json"


def colours_of(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#\w{6});", block))


LIGHT, DARK = map(colours_of, re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2])


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colours: dict[str, str]) -> None:
    assert set(LIGHT) == set(DARK)
    assert contrast(colours["on-accent"], colours["accent"]) >= AA
    for text in ("text", "muted", "link", "good", "warn", "bad"):
        for ground in ("page", "card", "code"):
            assert contrast(colours[text], colours[ground]) >= AA, (text, ground)


def test_the_scheme_of_the_system(browser: Browser) -> None:
    page = browser.open("/", ADA)
    for scheme, wanted in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        parts = re.findall(r"\d+", colour)
        assert "".join(f"{int(part):02x}" for part in parts) == wanted["page"][1:]


def test_the_keyboard_is_enough(browser: Browser) -> None:
    page = browser.open("/web/connect", ADA)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    assert skip.evaluate("(link) => link === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")  # past the head
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_phone_scrolls_tables_and_not_the_page(browser: Browser) -> None:
    page = browser.open("/", ADA, viewport={"width": 360, "height": 640})
    for path in ("/", "/web/devices/ibm_washington", "/web/connect"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.locator(".scroll, pre").first.evaluate("(e) => e.scrollWidth > e.clientWidth")
        assert page.locator("main h1").count() == 1
        for landmark in ("banner", "navigation", "main", "contentinfo"):
            assert page.get_by_role(landmark).count() == 1
        regions = re.findall(r'- region "([^"]*)"', page.locator("body").aria_snapshot())
        assert regions
        assert len(set(regions)) == len(regions)


def test_the_server_process_stays_small() -> None:
    script = (
        "import sys\n"
        "import ibmq_backend.emulator.http.serve\n"
        "from ibmq_backend.emulator.devices.catalog import Catalog\n"
        "from ibmq_backend.visualization.error_rates import rates_of_document\n"
        "from ibmq_backend.visualization.svg import map_svg\n"
        "rates = rates_of_document(Catalog().get('ibmq_vigo').properties())\n"
        "assert 'cx error' in map_svg('vigo', 5, [[0, 1]], rates)\n"
        "print({'qiskit', 'numpy', 'matplotlib', 'httpx', 'jinja2'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
