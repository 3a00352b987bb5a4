"""The cassettes are in the index, up to date, small, valid by the descriptions, and strict."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ibmq_backend.testing.scrub import REPLY_HEADERS, REQUEST_HEADERS
from tests.support import cassette_index, cassettes, contract_page, contract_targets, dialects
from tests.support.cassettes import FOLDER
from tests.support.exchanges import Exchange

CONTRACT_SUITE = Path(__file__).parent
MAX_BYTES = 200_000
MAX_LIVE_BYTES = 3_000_000  # real accounts have many devices, and large ones
MAX_EXCHANGES = 100  # the time to find one grows with their number

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
        versions = {one.headers.get("ibm-api-version") for one in cassettes.read(path_of(entry))}
        assert entry.api_version == ", ".join(sorted(versions - {None}))


def path_of(entry: cassette_index.Entry) -> Path:
    return cassettes.FOLDER / entry.path


def test_cassettes_are_as_new_as_the_descriptions() -> None:
    outdated = cassette_index.outdated(cassettes.FOLDER)
    assert not outdated, (
        f"{len(outdated)} cassettes are older than a change of a description, such as "
        f"{outdated[0]}. Run scripts/record and read which replies have changed"
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
    assert path.stat().st_size < (MAX_LIVE_BYTES if is_live else MAX_BYTES)
    exchanges = cassettes.read(path)
    assert len(exchanges) <= MAX_EXCHANGES
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
    assert not orphans, "these cassettes have no test. Run scripts/record without arguments"


@pytest.mark.slow
def test_every_operation_is_exercised() -> None:
    # The original client asks for the version before it logs in; this one does not.
    assert contract_page.unexercised(cassettes.FOLDER, "classic") == ["getVersion"]


@pytest.mark.slow
def test_every_operation_is_listed_and_most_are_emulated() -> None:
    for dialect in dialects.DIALECTS:
        found = {one.operation: one for one in contract_targets.coverage(FOLDER, dialect)}
        assert found.keys() == {one.id for one in dialects.operations(dialect)}
        assert sum(one.emulated for one in found.values()) > 20


def test_operations_that_methods_use_are_recorded() -> None:
    found = contract_targets.coverage(FOLDER, "platform")
    assert [one.operation for one in found if one.asked and not one.recorded] == []


def test_documented_methods_name_their_operations() -> None:
    classic, platform = map(contract_targets.documented, ("classic", "platform"))
    assert classic["IBMQBackend.status"] == {"getBackendStatus"}
    assert classic["IBMQJob.update_name"] == {"updateJob"}
    assert "createJob" in platform["IBMQBackend.run"]
    assert "IBMQBackend.name" not in classic


def test_live_tests_are_few_and_run_one_job() -> None:
    assert "test_job_life/test_one_job_with_all_requests" in contract_targets.live_tests()
    for dialect in dialects.DIALECTS:
        found = {one.operation: one for one in contract_targets.coverage(FOLDER, dialect)}
        assert found["createJob"].live == {200: {"test_job_life/test_one_job_with_all_requests"}}


def test_page_is_up_to_date() -> None:
    page = contract_page.PAGE.read_text(encoding="utf-8")
    assert page == contract_page.render(cassettes.FOLDER), "run scripts/record --page"


def test_missing_cassette_says_how_to_record_it(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"scripts/record -k gone"):
        cassettes.load(tmp_path / "gone.yaml")


def test_index_drops_missing_cassettes_and_keeps_the_rest(tmp_path: Path) -> None:
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


def test_pruning_keeps_live_cassettes(tmp_path: Path) -> None:
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
    exchange = Exchange("GET", "https://x/", {"ibm-api-version": "2026-04-15"}, b"", 200, {}, b"")
    entry = cassette_index.entry("platform/a.yaml", "live", date(2026, 5, 1), [exchange, exchange])
    assert entry.api_version == "2026-04-15"
    assert entry.specs.keys() == {"spec/platform.yaml", "spec/cloud.yaml"}
    assert all(len(digest) == 64 for digest in entry.specs.values())
    assert entry.libraries.keys() == {"ibmq-backend", "httpx", "qiskit"}


def test_cassettes_of_an_older_description_are_outdated(tmp_path: Path) -> None:
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


def test_old_cassettes_cause_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
