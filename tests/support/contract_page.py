"""Generate docs/contract.md: which operations and documented methods each target covers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from tests.support import cassette_index, contract_targets
from tests.support.contract_targets import Coverage

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "contract.md"
_NONE: Final = "–"

_TEXT: Final = """\
# The contract and its targets

The tests in `tests/contract` define what an account of a quantum service does, in the terms of
`ibmq_backend/api/port.py`. The same tests run on

- **cassettes** (`tests/cassettes`): recorded exchanges, replayed by vcrpy without a network. A
  request that was not recorded, left over, repeated or out of order is an error; the message names
  the most similar recorded request and the differences;
- **the emulator**, over HTTP on this machine. All requests and replies are checked against `spec/`;
- **a live service**, if `IBMQ_BACKEND_LIVE=1` is set, and for the classic service `QE_URL` and
  `QE_TOKEN`, for the platform `QISKIT_IBM_TOKEN` and `QISKIT_IBM_INSTANCE` (a CRN or a name;
  `QISKIT_IBM_URL` for a service other than IBM's). Only the tests marked `live` run there. They run
  one job of one circuit with 512 shots in each dialect, and delete it. Their recordings are
  replayed too.

Both dialects have the same tests where a method of the port has the same meaning in both. Features
of one dialect are listed once, as capabilities and traits in `tests/contract/facts.py`. A test that
needs such a feature runs only in dialects that have it.

`scripts/record` records the cassettes again and reports the changes, without dates, IDs and
measurements. `-k EXPRESSION` and `--dialect` select cassettes, `--dry-run` writes nothing, `--live`
records from a live service. Tokens, signatures, IDs of users, accounts and instances, addresses and
names of people become numbered placeholders, one for each secret. A recording
that still contains a secret is not written. `tests/cassettes/INDEX.toml` lists the source of each
cassette, the date, the version of the API, the digests of the descriptions and the versions of the
libraries. A cassette from the emulator tests the client and the emulator; it is no evidence about
the real service. Cassettes older than a year are listed at the end of a run (`IBMQ_CASSETTES_DAYS`
sets another age, 0 switches this off). They do not fail, so an old checkout passes offline.

Cassettes cannot contain the status stream of the classic service, a websocket. It is tested on the
emulator and is not listed below.

`scripts/record` generates the rest of this page from the tests, the cassettes and the code.
"""


def render(folder: Path) -> str:
    """Return the page for the cassettes of a folder."""
    parts = [_TEXT]
    for dialect in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        found = contract_targets.coverage(folder, dialect)
        parts += [_operations(folder, dialect, found), _methods(dialect, found)]
    return "\n".join(parts)


def unexercised(folder: Path, dialect: str) -> list[str]:
    """Return the operations that are in no cassette, sorted."""
    found = contract_targets.coverage(folder, dialect)
    return sorted(one.operation for one in found if not one.recorded)


def write(folder: Path) -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(folder), encoding="utf-8")


def _operations(folder: Path, dialect: str, found: list[Coverage]) -> str:
    sources = sorted(
        {one.source for one in cassette_index.read(folder).values() if one.path.startswith(dialect)}
    )
    recorded = sum(bool(one.recorded) for one in found)
    lines = [
        f"## {dialect}: operations",
        "",
        f"{len(found)} operations: {recorded} in cassettes, {sum(one.emulated for one in found)} "
        f"emulated, {sum(bool(one.live) for one in found)} used in live tests. "
        f"{contract_targets.exchanges(folder, dialect)} recorded exchanges are valid against the "
        f"descriptions. Sources of the cassettes: {', '.join(sources)}.",
        "",
        "| operation | cassettes: status (tests) | emulator | live: status (tests) |",
        "| --- | --- | --- | --- |",
    ]
    for one in found:
        lines.append(
            f"| `{one.operation}` | {_statuses(one.recorded)} | "
            f"{'yes' if one.emulated else '501'} | {_statuses(one.live)} |"
        )
    unasked = [one.operation for one in found if not one.recorded and not one.asked]
    unrecorded = [one.operation for one in found if not one.recorded and one.asked]
    lines += [
        "",
        f"Not recorded because this client does not use them: {_listed(unasked)}.",
        f"Not recorded although this client uses them: {_listed(unrecorded)}.",
        f"Not emulated: {_listed([one.operation for one in found if not one.emulated])}.",
        "",
    ]
    return "\n".join(lines)


def _methods(dialect: str, found: list[Coverage]) -> str:
    by_name = {one.operation: one for one in found}
    lines = [
        f"## {dialect}: documented methods",
        "",
        "The operations that each method may use, by the `Wire:` line of its docstring, and",
        "whether each target covers them. An operation with only error replies is not covered.",
        "",
        "| method | operations | cassettes | emulator | live |",
        "| --- | --- | --- | --- | --- |",
    ]
    for method, names in sorted(contract_targets.documented(dialect).items()):
        asked = [by_name[name] for name in sorted(names)]
        lines.append(
            f"| `{method}` | {', '.join(one.operation for one in asked)} | "
            f"{_left_out(asked, [one.operation for one in asked if one.answered])} | "
            f"{_left_out(asked, [one.operation for one in asked if one.emulated])} | "
            f"{_left_out(asked, [one.operation for one in asked if one.answered_live])} |"
        )
    lines.append("")
    return "\n".join(lines)


def _left_out(asked: list[Coverage], covered: Collection[str]) -> str:
    missing = [one.operation for one in asked if one.operation not in covered]
    if not missing:
        return "all"
    return "none" if len(missing) == len(asked) else f"without {', '.join(missing)}"


def _statuses(found: Mapping[int, Collection[str]]) -> str:
    return ", ".join(f"{status} ({len(tests)})" for status, tests in found.items()) or _NONE


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
