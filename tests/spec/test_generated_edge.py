"""Features that every generated package must still have after an upgrade of the generator.

Each comes from a template of this project or is relied on by the adapters; the generator's own
templates have none of them.
"""

import importlib
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.calls import ClassicCalls
from ibmq_backend.api.platform.calls import CloudCalls, PlatformCalls
from tests.support.descriptions import NAMES

# An operation without parameters, and what it needs besides.
OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "classic": ("accounts.get_version", {}),
    "platform": ("versions.get_versions", {}),
    "cloud": ("discovery.get_catalog_entry", {"entry_id": "plan"}),
}
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef:00000000-0000::"
PROXY_PAGE = "<html>a proxy</html>"


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Each dialect."""
    return str(request.param)


@pytest.fixture
def bindings(name: str) -> ModuleType:
    """The package of a dialect."""
    return importlib.import_module(f"ibmq_api_{name}")


def answering(status: int) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, html=PROXY_PAGE))


@pytest.mark.parametrize("status", [499, 520, 524, 599])
def test_status_is_a_number_that_http_need_not_know(
    name: str, bindings: ModuleType, status: int
) -> None:
    module, arguments = OPERATIONS[name]
    operation = importlib.import_module(f"ibmq_api_{name}.api.{module}")
    client = bindings.AuthenticatedClient(
        "http://service.test", token="t", httpx_args={"transport": answering(status)}
    )
    reply = operation.sync_detailed(client=client, **arguments)
    assert type(reply.status_code) is int
    assert (reply.status_code, reply.parsed) == (status, None)
    assert reply.content == PROXY_PAGE.encode()


def test_status_is_a_number_for_type_checkers_too(name: str) -> None:
    types = importlib.import_module(f"ibmq_api_{name}.types")
    assert get_type_hints(types.Response)["status_code"] is int


def test_repr_of_a_client_shows_no_secret(bindings: ModuleType) -> None:
    client = bindings.AuthenticatedClient(
        "http://service.test",
        token="canary-token",
        headers={"X": "canary-header"},
        cookies={"c": "canary-cookie"},
        httpx_args={"auth": ("user", "canary-password")},
    )
    client.get_httpx_client()
    for text in (repr(client), str(client), f"{client}", repr(client.with_headers({"Y": "1"}))):
        assert "canary" not in text
        assert "http://service.test" in text


def phases(timeout: httpx.Timeout) -> list[float | None]:
    return [timeout.connect, timeout.read, timeout.write, timeout.pool]


def test_requests_have_a_timeout_by_default(bindings: ModuleType) -> None:
    for client in (
        bindings.Client("http://service.test"),
        bindings.AuthenticatedClient("http://service.test", token="t"),
    ):
        limits = phases(client.get_httpx_client().timeout)
        assert all(limit is not None and 0 < limit <= 60 for limit in limits), limits
    patient = bindings.Client("http://service.test", timeout=None)
    assert phases(patient.get_httpx_client().timeout) == [None] * 4


def test_clients_of_the_adapters_have_a_timeout() -> None:
    settings, auth = NetworkSettings(), httpx.Auth()
    made = (
        ClassicCalls("http://service.test", settings, auth, {}),
        PlatformCalls("http://service.test", CRN, settings, auth, {}),
        CloudCalls("http://service.test", settings, None, {}),
    )
    for calls in made:
        client = calls.client.get_httpx_client()
        assert client is calls._http
        assert None not in phases(client.timeout)
        calls.close()


# -- types ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(root: Path) -> set[str]:
    """Names of all files of a wheel."""
    builder = WheelBuilder(str(root))
    builder.metadata.validate_fields()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        files = builder.recurse_included_files()
        return {file.distribution_path for file in files}


STARTUP = {"ibmq_backend.pth", "_ibmq_backend_startup.py"}


def test_every_shipped_package_is_marked_as_typed(root: Path, wheel: set[str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    shipped = {path.rsplit("/", 1)[-1] for path in packages}
    assert shipped == {"ibmq_backend", *(f"ibmq_api_{name}" for name in NAMES)}
    assert {f"{package}/py.typed" for package in shipped} <= wheel
    assert {path.split("/")[0] for path in wheel} == shipped | {"qiskit", *STARTUP}
    assert not any("__pycache__" in path or path.endswith(".pyc") for path in wheel)


def test_type_checking_is_strict_for_all_that_is_shipped(root: Path, wheel: set[str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    settings = project["tool"]["mypy"]
    assert settings["strict"] is True
    assert {"ibmq_backend", "generated"} <= set(settings["files"])
    for override in settings.get("overrides", []):
        assert not any(name.startswith("ibmq_") for name in override["module"])
    assert "run mypy\n" in (root / "scripts/check").read_text(encoding="utf-8")
    folders = {"ibmq_backend": root, **{f"ibmq_api_{name}": root / "generated" for name in NAMES}}
    for path in sorted(wheel):
        package = path.split("/")[0]
        if path.endswith(".py") and package in folders:
            text = (folders[package] / path).read_text(encoding="utf-8")
            assert "# mypy:" not in text, path
