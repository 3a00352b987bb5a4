from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import certifi
import httpx
import pytest

from ibmq_backend._http.client import build_client
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.urls import is_loopback
from ibmq_backend.exceptions import ApiNotSupported, IBMQAccountValueError
from tests.support.any_operation import safe
from tests.support.http_faults import faulty_server, json_reply

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def addresses(settings):
    """Return the proxy URL of each route of the settings."""
    return {
        pattern: None if proxy is None else str(proxy.url())
        for pattern, proxy in settings.proxy_routes().items()
    }


def test_every_timeout_is_set_with_and_without_proxies():
    for proxies in (None, {"urls": {"http": "http://127.0.0.1:9"}}):
        timeout = NetworkSettings(proxies=proxies).timeout()
        assert None not in (timeout.connect, timeout.read, timeout.write, timeout.pool)


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout", "write_timeout"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_timeout_must_be_positive(name, value):
    with pytest.raises(IBMQAccountValueError, match=name):
        NetworkSettings(**{name: value})


def test_ntlm_is_refused():
    with pytest.raises(ApiNotSupported, match="NTLM"):
        NetworkSettings(proxies={"urls": {}, "username_ntlm": "a", "password_ntlm": "b"})


@pytest.mark.parametrize("proxies", ["x", {"urls": "x"}, {"urls": {"https": 3}}, {"http": "x"}])
def test_malformed_proxies_are_refused(proxies):
    with pytest.raises(IBMQAccountValueError, match="rox"):
        NetworkSettings(proxies=proxies)


def test_the_documented_form_becomes_routes():
    settings = NetworkSettings(
        proxies={"urls": {"https": "proxy:3128", "http://only.example": "http://p2:1", "wss": "x"}}
    )
    assert addresses(settings) == {
        "https://": "http://proxy:3128",
        "http://only.example": "http://p2:1",
    }


def test_the_password_of_a_proxy_is_not_shown():
    settings = NetworkSettings(proxies={"urls": {"https": "http://me:hush-hush@proxy:3128"}})
    assert "hush-hush" not in repr(settings)


def test_proxies_of_the_environment_do_not_apply_to_this_machine(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "intern.example, 10.0.0.7")
    assert addresses(NetworkSettings()) == {
        "https://": "http://proxy:3128",
        "all://*intern.example": None,
        "all://10.0.0.7": None,
        "all://localhost": None,
        "all://127.0.0.1": None,
        "all://[::1]": None,
    }
    assert NetworkSettings(trust_env=False).proxy_routes() == {}
    explicit = NetworkSettings(proxies={"urls": {"http": "http://p:1"}})
    assert addresses(explicit) == {"http://": "http://p:1"}


def test_requests_go_through_the_proxy():
    with faulty_server([json_reply(b"{}")]) as proxy:
        settings = NetworkSettings(proxies={"urls": {"http": proxy.url}})
        with build_client(settings, operation_of=safe) as client:
            assert client.get("http://service.example/version").json() == {}
    assert proxy.requests[0].startswith(b"GET http://service.example/version HTTP/1.1")


@pytest.mark.skipif(find_spec("socksio") is not None, reason="the package is there")
def test_an_error_names_the_package_that_a_proxy_needs():
    settings = NetworkSettings(proxies={"urls": {"all": "socks5://127.0.0.1:9"}})
    with (
        build_client(settings, operation_of=safe) as client,
        pytest.raises(ApiNotSupported, match=r"proxies\['urls'\]\['all'\].*pip install socksio"),
    ):
        client.get("http://service.example/version")


def test_certificates_are_loaded_only_for_https(monkeypatch):
    def fail(self):
        raise AssertionError("a TLS context was made for plain http")

    monkeypatch.setattr(NetworkSettings, "ssl_context", fail)
    with (
        faulty_server([json_reply(b"{}")]) as server,
        build_client(NetworkSettings(), base_url=server.url, operation_of=safe) as client,
    ):
        assert client.get("/").json() == {}


def test_an_error_names_a_missing_certificate_file(tmp_path):
    with pytest.raises(IBMQAccountValueError, match=r"none\.pem"):
        NetworkSettings(verify=tmp_path / "none.pem")


def test_a_folder_must_contain_hashed_certificate_names(tmp_path):
    with pytest.raises(IBMQAccountValueError, match="openssl rehash"):
        NetworkSettings(verify=tmp_path)
    (tmp_path / "0a1b2c3d.0").write_bytes(Path(certifi.where()).read_bytes())
    assert NetworkSettings(verify=tmp_path).ssl_context().verify_mode


def test_a_corrected_variable_applies_at_once(monkeypatch, tmp_path):
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    settings = NetworkSettings()
    with pytest.raises(IBMQAccountValueError, match=r"SSL_CERT_FILE is .*empty\.pem"):
        settings.ssl_context()
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert settings.ssl_context().cert_store_stats()["x509"] > 50


def test_a_context_is_created_once():
    assert NetworkSettings().ssl_context() is NetworkSettings().ssl_context()
    assert not NetworkSettings(verify=False).ssl_context().verify_mode


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]"]
)
def test_addresses_of_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "localhost.example.org", ""])
def test_addresses_of_other_machines(host):
    assert not is_loopback(host)


def test_headers_and_redirects():
    def respond(request):
        assert request.headers["x-a"] == "1"
        return httpx.Response(200)

    with build_client(
        NetworkSettings(),
        headers={"x-a": "1"},
        operation_of=safe,
        leaf=httpx.MockTransport(respond),
    ) as client:
        assert client.get("http://127.0.0.1/").status_code == 200
        assert not client.follow_redirects
