"""The cassettes are what they claim: strict, listed, current, small, and as the service speaks."""

from __future__ import annotations

import ast
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
import yaml

from ibmq_backend.testing.exchanges import Exchange
from ibmq_backend.testing.scrub import REPLY_HEADERS, REQUEST_HEADERS, Scrubber
from ibmq_backend.testing.tape import CassetteMismatch
from tests.support import cassette_index, cassettes, contract_page, contract_targets, dialects
from tests.support.cassettes import FOLDER
from tests.support.fake_service import FakeService

CONTRACT_SUITE = Path(__file__).parent
LARGEST_BYTES = 200_000
LARGEST_LIVE_BYTES = 3_000_000  # real accounts have many devices, and large ones
MOST_EXCHANGES = 100  # finding an exchange takes as long as there are exchanges

PATHS = sorted(cassettes.FOLDER.rglob("*.yaml"))
every_cassette = pytest.mark.parametrize("path", PATHS, ids=cassettes.shown)


# -- the files ------------------------------------------------------------------------------


def test_index_lists_every_cassette_and_nothing_else() -> None:
    assert PATHS
    assert cassette_index.read(cassettes.FOLDER).keys() == cassette_index.files(cassettes.FOLDER)


def test_index_entries_are_complete() -> None:
    for entry in cassette_index.read(cassettes.FOLDER).values():
        assert entry.source in cassette_index.SOURCES
        assert entry.recorded[:2] == "20"
        dialect = cassettes.dialect_of(entry.path)
        assert list(entry.specs) == [f"spec/{name}.yaml" for name in dialects.descriptions(dialect)]
        assert list(entry.libraries) == list(cassette_index.LIBRARIES)
        assert all(entry.libraries.values())
        asked = {one.headers.get("ibm-api-version") for one in cassettes.read(path_of(entry))}
        assert entry.api_version == ", ".join(sorted(asked - {None}))


def path_of(entry: cassette_index.Entry) -> Path:
    return cassettes.FOLDER / entry.path


def test_cassettes_are_as_new_as_the_descriptions() -> None:
    outdated = cassette_index.outdated(cassettes.FOLDER)
    assert not outdated, (
        f"{len(outdated)} cassettes were recorded before a description changed, {outdated[0]} for "
        "one: run scripts/record and look at what it says has changed"
    )


@every_cassette
def test_every_exchange_is_as_described(path: Path) -> None:
    entry = cassette_index.read(cassettes.FOLDER)[cassettes.shown(path)]
    exchanges = cassettes.read(path)
    assert exchanges
    found = dialects.findings(
        entry.path.partition("/")[0],
        exchanges,
        origin=cassettes.ORIGIN,
        source=entry.path,
        strays=entry.strays,
    )
    assert not found, "\n".join(map(str, found))


@every_cassette
def test_cassette_is_small_and_can_be_read(path: Path) -> None:
    is_live = path.relative_to(FOLDER).parts[1] == "live"
    assert path.stat().st_size < (LARGEST_LIVE_BYTES if is_live else LARGEST_BYTES)
    exchanges = cassettes.read(path)
    assert len(exchanges) <= MOST_EXCHANGES
    for exchange in exchanges:
        assert exchange.headers.keys() <= REQUEST_HEADERS
        assert exchange.reply_headers.keys() <= REPLY_HEADERS
        assert exchange.url.startswith(cassettes.ORIGIN + "/")
    assert "!!" not in path.read_text(encoding="utf-8")  # nothing but text and numbers


def test_every_cassette_belongs_to_a_test() -> None:
    tests = {
        f"{file.stem}/{node.name}"
        for file in CONTRACT_SUITE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    orphans = [path for path in PATHS if f"{path.parent.name}/{path.stem}" not in tests]
    assert not orphans, "their tests are gone: run scripts/record without arguments"


@pytest.mark.slow
def test_every_operation_is_exercised() -> None:
    assert contract_page.unexercised(cassettes.FOLDER, "classic") == []


@pytest.mark.slow
def test_every_operation_is_emulated_or_said_not_to_be() -> None:
    for dialect in dialects.DIALECTS:
        found = {one.operation: one for one in contract_targets.coverage(FOLDER, dialect)}
        assert found.keys() == {one.id for one in dialects.operations(dialect)}
        assert sum(one.emulated for one in found.values()) > 20


def test_unexercised_operations_are_those_no_method_comes_to() -> None:
    found = contract_targets.coverage(FOLDER, "platform")
    # A job of a session is made by other clients.
    assert [one.operation for one in found if one.asked and not one.recorded] == ["getSession"]


def test_documented_methods_come_to_their_operations() -> None:
    classic, platform = map(contract_targets.documented, ("classic", "platform"))
    assert classic["IBMQBackend.status"] == {"getBackendStatus"}
    assert classic["IBMQJob.update_name"] == {"updateJob"}
    assert "createJob" in platform["IBMQBackend.run"]
    assert classic["IBMQBackend.name"] == set()


def test_live_tests_are_few_and_run_one_job() -> None:
    assert "test_job_life/test_one_job_tells_all_there_is" in contract_targets.live_tests()
    for dialect in dialects.DIALECTS:
        found = {one.operation: one for one in contract_targets.coverage(FOLDER, dialect)}
        assert found["createJob"].live == {200: {"test_job_life/test_one_job_tells_all_there_is"}}


def test_page_is_what_the_cassettes_say() -> None:
    page = contract_page.PAGE.read_text(encoding="utf-8")
    assert page == contract_page.render(cassettes.FOLDER), "run scripts/record --page"


# -- recording and replaying ----------------------------------------------------------------

ONE, TWO = f"{cassettes.ORIGIN}/one", f"{cassettes.ORIGIN}/two"


@pytest.fixture
def service() -> FakeService:
    """Counts what it is asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = {
            "count": len(made.requests),
            "userId": "5ddc0000000000000000beef",
            "path": request.url.path,
        }
        return httpx.Response(200, json=body, headers={"set-cookie": "secret=1"})

    made = FakeService(answer)
    return made


@pytest.fixture
def tape(service: FakeService, tmp_path: Path) -> Path:
    """A cassette of /one, /two, /one."""
    path = tmp_path / "tape.yaml"
    with (
        cassettes.recorded(Scrubber()) as recording,
        httpx.Client(transport=service.transport) as client,
    ):
        for url in (ONE, TWO, ONE):
            client.post(url, json={"apiToken": "t", "b": [1, 2]})
    path.write_text(recording.text, encoding="utf-8")
    return path


@pytest.fixture
def client(service: FakeService) -> Iterator[httpx.Client]:
    with httpx.Client(transport=service.transport) as client:
        yield client


def post(client: httpx.Client, url: str) -> int:
    count = client.post(url, json={"b": [1, 2], "apiToken": "api-token-1"}).json()["count"]
    assert isinstance(count, int)
    return count


def test_program_gets_the_real_replies_while_it_is_recorded(service: FakeService) -> None:
    with (
        cassettes.recorded(Scrubber()) as recording,
        httpx.Client(transport=service.transport) as client,
    ):
        response = client.get(ONE)
    assert response.json()["userId"] == "5ddc0000000000000000beef"
    assert response.headers["set-cookie"] == "secret=1"
    document = yaml.safe_load(recording.text)
    (entry,) = document["interactions"]
    assert entry["response"]["headers"] == {"content-type": ["application/json"]}
    assert "5ddc" not in recording.text
    assert "secret=1" not in recording.text


def test_compressed_replies_are_stored_as_text() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        packed = gzip.compress(b'{"plain": true}')
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        return httpx.Response(200, content=packed, headers=headers)

    with (
        cassettes.recorded(Scrubber()) as recording,
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
    ):
        assert client.get(ONE).json() == {"plain": True}
    assert '{"plain": true}' in recording.text
    assert "gzip" not in recording.text


def test_nothing_is_left_of_a_recording_that_broke_off(service: FakeService) -> None:
    def program() -> None:
        httpx.Client(transport=service.transport).get(ONE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), cassettes.recorded(Scrubber()) as recording:
        program()
    assert recording.text == ""


def test_replay_answers_in_order_without_the_service(
    service: FakeService, tape: Path, client: httpx.Client
) -> None:
    with cassettes.replayed(tape, Scrubber()) as replay:
        assert [post(client, url) for url in (ONE, TWO, ONE)] == [1, 2, 3]
    replay.check_played()
    assert len(service.requests) == 3  # when it was recorded


def test_request_that_was_not_recorded_is_an_error(tape: Path, client: httpx.Client) -> None:
    with (
        cassettes.replayed(tape, Scrubber()),
        pytest.raises(CassetteMismatch),
    ):
        client.get(ONE)


def test_body_that_was_not_recorded_is_an_error(tape: Path, client: httpx.Client) -> None:
    with (
        cassettes.replayed(tape, Scrubber()),
        pytest.raises(CassetteMismatch),
    ):
        client.post(ONE, json={"apiToken": "t", "b": [2, 1]})


def test_repetition_is_an_error(tape: Path, client: httpx.Client) -> None:
    with cassettes.replayed(tape, Scrubber()):
        post(client, TWO)
        with pytest.raises(CassetteMismatch):
            post(client, TWO)


def test_exchange_that_is_left_over_is_an_error(tape: Path, client: httpx.Client) -> None:
    with cassettes.replayed(tape, Scrubber()) as replay:
        post(client, ONE)
    with pytest.raises(AssertionError, match=r"not asked for: #2 POST /two, #3 POST /one"):
        replay.check_played()


def test_other_order_is_an_error(tape: Path, client: httpx.Client) -> None:
    with cassettes.replayed(tape, Scrubber()) as replay:
        for url in (TWO, ONE, ONE):
            post(client, url)
    with pytest.raises(AssertionError, match="in another order"):
        replay.check_played()


def test_missing_cassette_says_how_to_record_it(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=r"scripts/record -k gone"),
        cassettes.replayed(tmp_path / "gone.yaml", Scrubber()),
    ):
        pass


def test_index_forgets_what_is_gone_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "classic").mkdir()
    for name in ("a", "b"):
        (tmp_path / "classic" / f"{name}.yaml").write_text("", encoding="utf-8")
    day = date(2024, 5, 1)
    entries = [
        cassette_index.entry("classic/a.yaml", "emulator", day, strays=["GET /nowhere"]),
        cassette_index.entry("classic/b.yaml", "live", day, facts={"pair": [0, 1], "device": "x"}),
    ]
    cassette_index.update(tmp_path, entries)
    assert list(cassette_index.read(tmp_path).values()) == entries
    (tmp_path / "classic" / "b.yaml").unlink()
    cassette_index.update(tmp_path, [])
    assert list(cassette_index.read(tmp_path).values()) == entries[:1]


def test_pruning_spares_what_cannot_be_recorded_again(tmp_path: Path) -> None:
    (tmp_path / "classic").mkdir()
    day = date(2024, 5, 1)
    sources = {"classic/kept.yaml": "emulator", "classic/old.yaml": "emulator"}
    sources["classic/real.yaml"] = "live"
    for path in sources:
        (tmp_path / path).write_text("", encoding="utf-8")
    cassette_index.update(
        tmp_path,
        [cassette_index.entry(path, source, day) for path, source in sources.items()],
    )
    cassette_index.prune(tmp_path, "classic", {"classic/kept.yaml"})
    assert cassette_index.files(tmp_path) == {"classic/kept.yaml", "classic/real.yaml"}


def test_index_says_what_a_recording_depends_on(tmp_path: Path) -> None:
    asked = Exchange("GET", "https://x/", {"ibm-api-version": "2026-04-15"}, b"", 200, {}, b"")
    entry = cassette_index.entry("platform/a.yaml", "live", date(2026, 5, 1), [asked, asked])
    assert entry.api_version == "2026-04-15"
    assert entry.specs.keys() == {"spec/platform.yaml", "spec/cloud.yaml"}
    assert all(len(digest) == 64 for digest in entry.specs.values())
    assert entry.libraries.keys() == {"ibmq-backend", "httpx", "qiskit"}


def test_cassettes_of_an_older_description_are_named(tmp_path: Path) -> None:
    for name in ("new", "old", "live"):
        path = tmp_path / "platform" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")
    day = date(2026, 5, 1)
    entries = [
        cassette_index.entry(f"platform/{name}.yaml", source, day)
        for name, source in (("new", "emulator"), ("old", "emulator"), ("live", "live"))
    ]
    stale = {**entries[1].specs, "spec/cloud.yaml": "0" * 64}
    entries[1:] = [replace(one, specs=stale) for one in entries[1:]]
    cassette_index.update(tmp_path, entries)
    assert cassette_index.outdated(tmp_path) == ["platform/old.yaml"]


def test_old_cassettes_are_told_and_fail_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "classic").mkdir()
    for name in ("a", "b"):
        (tmp_path / "classic" / f"{name}.yaml").write_text("", encoding="utf-8")
    cassette_index.update(
        tmp_path,
        [
            cassette_index.entry("classic/a.yaml", "live", date(2024, 5, 1)),
            cassette_index.entry("classic/b.yaml", "live", date(2025, 5, 1)),
        ],
    )
    assert cassette_index.age_warning(tmp_path, date(2025, 4, 30)) == ""
    warning = cassette_index.age_warning(tmp_path, date(2025, 5, 2))
    assert warning.startswith("1 cassettes are older than 365 days, classic/a.yaml of 2024-05-01")
    monkeypatch.setenv("IBMQ_CASSETTES_DAYS", "10")
    assert cassette_index.age_warning(tmp_path, date(2025, 5, 12)).startswith("2 cassettes")
    monkeypatch.setenv("IBMQ_CASSETTES_DAYS", "0")
    assert cassette_index.age_warning(tmp_path, date(2099, 1, 1)) == ""
