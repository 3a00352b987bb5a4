"""Invalid network settings raise an error that names the setting and hides passwords."""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import certifi
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.account.factory import IBMQFactory
from ibmq_backend.api.connect import connect
from ibmq_backend.credentials import Credentials
from ibmq_backend.exceptions import (
    ApiConnectionError,
    IBMQAccountValueError,
    IBMQError,
)

EXAMPLES = int(os.environ.get("IBMQ_BACKEND_SETTINGS_TRIED", "150"))
PROFILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="IBMQ_BACKEND_SETTINGS_TRIED" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
PASSWORD = "hush-hush-of-the-proxy"
TOKEN = "a-token-of-the-account"
SERVICE = "service.example"
MAX_MESSAGE_CHARACTERS = 600
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:4567::"


@pytest.fixture(scope="module")
def closed_port() -> Iterator[int]:
    """A closed port of this machine."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(autouse=True)
def one_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolves only the service, to this machine, and removes the pauses of retries."""
    look_up = socket.getaddrinfo

    def only_here(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        host = "127.0.0.1" if host == SERVICE else host
        if isinstance(host, str):
            host.encode("idna")  # as the real function does first
            if host not in ("localhost", "127.0.0.1", "::1"):
                raise socket.gaierror(-2, "Name or service not known")
        return look_up(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")


# -- values of settings ----------------------------------------------------------------------

ODD_TEXT = st.text(st.characters(codec=None), max_size=20)
HOSTS = st.sampled_from(
    ["127.0.0.1", "localhost", SERVICE, "proxy.example", "xn--a", "xn--", "\u00fc.example", "a..b",
     "[::1]", "[::1", "[::1%25lo]", "*", "", ".", "-", "x" * 64 + ".example", "x" * 3000, "1.2.3",
     "999.1.1.1", "0x7f.1", "a b", "a\x00b", "\ud800", "%zz", "\u200b", "\u3002"]
)  # fmt: skip
LOGINS = st.sampled_from(
    ["", "", f"me:{PASSWORD}@", f"{PASSWORD}@", f"m%ff:{PASSWORD}@", ":@", "@"]
)
PORTS = st.sampled_from(
    ["", ":9", ":0", ":99999", ":-1", ":x", ":", ":\uff11", ":" + "9" * 30, "::::", ":9:9"]
)
RESTS = st.sampled_from(["", "/", "/api", "?a=b", "#a", "/%zz", "/\ud800", "/a b", "\\", "/\x00"])
SCHEMES = st.sampled_from(
    ["http://", "https://", "socks5://", "socks5h://", "ftp://", "", "//", "://", "HTTP://", "all://",
     "http:", "h\u00fc://", "\x00://"]
)  # fmt: skip
URLS = st.one_of(
    ODD_TEXT,
    st.sampled_from(["::::", "http://", "://", "[", "http://[", "\ud800", "\x00"]),
    st.tuples(SCHEMES, LOGINS, HOSTS, PORTS, RESTS).map("".join),
)
KEYS = st.one_of(
    st.sampled_from(["http", "https", "all", "http://", "https://", "all://", "wss", "no"]),
    st.tuples(st.sampled_from(["http", "https", "all"]), HOSTS, PORTS).map(
        lambda parts: f"{parts[0]}://{parts[1]}{parts[2]}"
    ),
    ODD_TEXT,
)
PROXIES = st.one_of(
    st.fixed_dictionaries({"urls": st.dictionaries(KEYS, URLS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"urls": st.just({"https": "http://127.0.0.1:9"}), "extra": ODD_TEXT}),
    st.dictionaries(ODD_TEXT, ODD_TEXT, max_size=2),
    st.sampled_from([None, {}, {"urls": {}}, {"urls": {"https": 3}}, {"urls": [1]}, [1], "x"]),
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths of invalid certificates and of a valid one."""
    root = tmp_path_factory.mktemp("certificates")
    (root / "empty.pem").touch()
    (root / "text.pem").write_text("no certificate")
    (root / "bytes.pem").write_bytes(bytes(range(256)))
    (root / "half.pem").write_bytes(Path(certifi.where()).read_bytes()[:900])
    (root / "cut.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (root / "folder").mkdir()
    (root / "hashed").mkdir()
    (root / "hashed" / "0a1b2c3d.0").write_text("no certificate")
    odd = ["", ".", "\x00", "a\x00b", "x" * 5000, "/dev/null", "/dev/zero", "nowhere.pem", "\ud800"]
    return [*map(str, [*root.iterdir(), root / "none.pem", certifi.where()]), *odd]


SECONDS = st.one_of(
    st.floats(), st.integers(), st.sampled_from([None, "1", True, [], 10**400, 5e-324])
)


# -- results ---------------------------------------------------------------------------


@contextmanager
def documented(*settings_at_fault: str) -> Iterator[None]:
    """Accept only our errors that name a setting and contain no password.

    Settings that can be used lead to the closed port, or to a host that has no address.
    """
    found: IBMQError | None = None
    try:
        yield
    except IBMQError as error:
        found = error
    assert found is not None, "nobody listens there, and still something answered"
    assert PASSWORD not in "".join(traceback.format_exception(found))
    assert PASSWORD not in f"{found!r} {found.args}"
    if isinstance(found, ApiConnectionError):
        assert "cannot be sent" not in found.message, found.message
    else:
        assert any(name in found.message for name in settings_at_fault), found.message
        assert len(found.message) < MAX_MESSAGE_CHARACTERS, found.message


def ask(url: str, network: NetworkSettings) -> None:
    """Log in with the closed port."""
    connect(Credentials(TOKEN, url), network).close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_of_an_account(closed_port: int, scheme: str) -> None:
    @PROFILE
    @given(proxies=PROXIES)
    @example(proxies={"urls": {"https": "::::"}})
    @example(proxies={"urls": {"all": f"http://me:{PASSWORD}@127.0.0.1:99999"}})
    @example(proxies={"urls": {"all": f"http://me:{PASSWORD}@xn--a"}})
    @example(proxies={"urls": {"all": f"https://me:{PASSWORD}@a..b:1"}})
    @example(proxies={"urls": {"https://[": "http://127.0.0.1:9"}})
    def check(proxies: Any) -> None:
        with documented("proxies"):
            IBMQFactory().enable_account(
                TOKEN, f"{scheme}://localhost:{closed_port}/api", proxies=proxies
            )

    check()


def test_certificates(closed_port: int, paths: list[str]) -> None:
    @PROFILE
    @given(verify=st.one_of(st.sampled_from(paths), ODD_TEXT, st.binary(max_size=9), SECONDS))
    @example(verify=b"a\x00")
    def check(verify: Any) -> None:
        with documented("verify"):
            network = NetworkSettings(verify=verify, trust_env=False)
            ask(f"https://localhost:{closed_port}/api", network)

    check()


TIMES = ["connect_timeout", "read_timeout", "write_timeout", "pool_timeout"]
TIMES += ["document_seconds", "transfer_seconds"]


def test_times(closed_port: int) -> None:
    @PROFILE
    @given(name=st.sampled_from(TIMES), value=SECONDS)
    @example(name="read_timeout", value=float("inf"))
    @example(name="connect_timeout", value=5e-324)
    def check(name: str, value: Any) -> None:
        with documented(name):
            network = NetworkSettings(trust_env=False, **{name: value})
            ask(f"http://127.0.0.1:{closed_port}/api", network)

    check()


@pytest.mark.parametrize("instance", [None, CRN])
def test_addresses_of_a_service(monkeypatch: pytest.MonkeyPatch, instance: str | None) -> None:
    monkeypatch.setenv("IBMQ_BACKEND_PLAIN_HTTP", "allow")

    @PROFILE
    @given(url=URLS)
    @example(url=f"https://me:{PASSWORD}@localhost:99999")
    @example(url=f"https://me:{PASSWORD}@xn--a/api")
    @example(url="http://localhost:9/\ud800")
    def check(url: str) -> None:
        with documented("url", "IBMQ_BACKEND_LOCAL"):
            IBMQFactory().enable_account(TOKEN, url, instance=instance)

    check()


# -- the environment -------------------------------------------------------------------------------


def in_environment(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The texts that an environment variable can contain, and bytes that are not text."""
    held = texts.filter(lambda text: "\x00" not in text and not any(c >= "\ud800" for c in text))
    return held | st.binary(max_size=9).map(lambda raw: os.fsdecode(raw.replace(b"\x00", b"")))


PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"]


def environment(**choices: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional=choices)


def set_all(patch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_of_the_environment(closed_port: int, scheme: str) -> None:
    one = in_environment(URLS)
    none = in_environment(st.lists(HOSTS | ODD_TEXT | URLS, max_size=4).map(",".join))

    @PROFILE
    @given(
        variables=environment(**dict.fromkeys(PROXY_VARIABLES, one), NO_PROXY=none, no_proxy=none)
    )
    @example(variables={"HTTPS_PROXY": "::::", "HTTP_PROXY": "::::"})
    @example(variables={"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "fe80::/10,[,::::"})
    def check(variables: dict[str, str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            set_all(patch, variables)
            with documented("_PROXY"):
                ask(
                    f"{scheme}://{SERVICE}:{closed_port}/api",
                    NetworkSettings(allow_plain_http=True),
                )

    check()


def test_certificates_of_the_environment(
    closed_port: int, paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the key log file is written there
    path = in_environment(st.sampled_from(paths) | ODD_TEXT)
    log = path.filter(lambda text: "/" not in text or text.startswith("/dev"))

    @PROFILE
    @given(variables=environment(SSL_CERT_FILE=path, SSL_CERT_DIR=path, SSLKEYLOGFILE=log))
    @example(variables={"SSLKEYLOGFILE": "/nowhere/keys"})
    def check(variables: dict[str, str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            set_all(patch, variables)
            with documented("SSL"):
                ask(f"https://localhost:{closed_port}/api", NetworkSettings())

    check()


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("QE_URL", {"QE_TOKEN": TOKEN}),
        ("QISKIT_IBM_URL", {"QISKIT_IBM_TOKEN": TOKEN, "QISKIT_IBM_INSTANCE": CRN}),
    ],
)
def test_addresses_of_the_environment(url: str, more: dict[str, str]) -> None:
    more = {**more, "IBMQ_BACKEND_PLAIN_HTTP": "allow"}

    @PROFILE
    @given(value=in_environment(URLS))
    def check(value: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            set_all(patch, {**more, url: value})
            with documented("url", "IBMQ_BACKEND_LOCAL"):
                IBMQFactory().load_account()

    check()


@pytest.mark.parametrize("url", ["https://" + "x" * 70_000, "https://x/" + "y" * 70_000])
def test_a_url_that_is_too_long(url: str) -> None:
    with documented("url"):
        IBMQFactory().enable_account(TOKEN, url)
    with documented("proxies"):
        NetworkSettings(proxies={"urls": {"all": url}})


# -- messages -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("::::", "its port is not a number"),
        ("ftp://proxy.example", "its scheme is not one of http, https"),
        ("http://:9", "it has no host"),
        ("http://proxy.example:99999", "its port is not between 1 and 65535"),
        ("http://a\x00b", "it is not a URL"),
    ],
)
def test_an_invalid_proxy_error_shows_a_valid_form(address: str, said: str) -> None:
    with pytest.raises(IBMQAccountValueError, match=said) as caught:
        NetworkSettings(proxies={"urls": {"https": address}})
    assert "proxies['urls']['https'] is not the URL of a proxy" in caught.value.message
    assert "'http://host:port'" in caught.value.message


def test_an_unreachable_proxy_is_named(closed_port: int, monkeypatch) -> None:
    proxies = {"urls": {"https": f"http://127.0.0.1:{closed_port}"}}
    with pytest.raises(ApiConnectionError, match=r"the proxy of proxies\['urls'\]\['https'\]"):
        ask(f"https://{SERVICE}/api", NetworkSettings(proxies=proxies))
    monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{closed_port}")
    with pytest.raises(ApiConnectionError, match="the proxy of .*ALL_PROXY"):
        ask(f"https://{SERVICE}/api", NetworkSettings())


def test_an_unused_invalid_proxy_of_the_environment_is_ignored(
    closed_port: int, monkeypatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "::::")
    with pytest.raises(ApiConnectionError):
        ask(f"https://127.0.0.1:{closed_port}/api", NetworkSettings())
    with pytest.raises(IBMQAccountValueError, match="The environment variable HTTPS_PROXY is not"):
        ask(f"https://{SERVICE}/api", NetworkSettings())
