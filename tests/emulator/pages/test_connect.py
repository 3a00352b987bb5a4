"""The lines of the page "Connect", copied and run."""

from __future__ import annotations

import os
import subprocess
import sys
from html import unescape
from pathlib import Path
from re import DOTALL, search

import httpx
import pytest

from ibmq_backend.emulator.pages.connect import TOKEN
from tests.emulator.pages.conftest import ADA, ADMIN, BOB, ROOT, Browser, Server
from tests.support.emulator import PATIENCE


def lines_of(client: httpx.Client, name: str) -> str:
    """Return lines of the page with the token of ada filled in."""
    found = search(
        rf'<pre id="{name}-lines"[^>]*>(.*?)</pre>', client.get("/web/connect").text, DOTALL
    )
    assert found is not None, name
    return unescape(found[1]).replace(TOKEN, ADA)


def test_the_lines_run(server: Server, tmp_path: Path) -> None:
    with server.client(ADA) as client:
        save, load, program, variables = (
            lines_of(client, name) for name in ("save", "load", "program", "environment")
        )
    script = f"""\
import os, subprocess
{save}
{load}
print(provider)
IBMQ.disable_account()
{program}
IBMQ.disable_account()
exported = subprocess.check_output(["sh", "-euc", {variables!r} + "; env -0"], text=True)
os.environ.update(line.split("=", 1) for line in exported.split("\\0") if line)
print([backend.name() for backend in IBMQ.load_account().backends()])
"""
    environment = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False, capture_output=True, text=True, timeout=PATIENCE, env=environment, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    provider, counts, devices = done.stdout.splitlines()
    assert "hub='uni', group='physics', project='course'" in provider
    assert set(counts) >= set("{'00': ,'11'}")
    assert "ibmq_quito" in devices


@pytest.mark.parametrize(("token", "has_instance"), [(ADMIN, True), (BOB, False)])
def test_what_is_shown_to_whom(server: Server, token: str, has_instance: bool) -> None:
    with server.client(token) as client:
        page = client.get("/web/connect").text
    assert ("QISKIT_IBM_INSTANCE" in page) == has_instance
    assert ("the admin token is no API token" in page) == (token == ADMIN)


@pytest.mark.parametrize(
    ("url", "shown"),
    [("http://127.0.0.1:1", "A first"), ("http://[::1]:1", "A first"),
     ("http://192.0.2.1:1", "PLAIN_HTTP=allow")],
)  # fmt: skip
def test_the_address_is_that_of_the_browser(server: Server, url: str, shown: str) -> None:
    with server.client(ADA) as client:
        page = client.get("/web/connect", headers={"Host": url.removeprefix("http://")}).text
    assert f"url=&#34;{url}/api&#34;" in page
    assert shown in page
    assert ("PLAIN_HTTP" in page) == ("PLAIN_HTTP" in shown)


def test_copy_with_the_keyboard(browser: Browser) -> None:
    page = browser.open("/web/connect", ADA, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the lines that load the account").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "from qiskit import IBMQ\n\nprovider = IBMQ.load_account()"
