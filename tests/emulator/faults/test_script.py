"""Fault scripts: valid forms, and the errors for invalid ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend.emulator.classic._routes import ROUTES as CLASSIC_ROUTES
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.dialects import OPERATIONS
from ibmq_backend.emulator.faults.kinds import KINDS
from ibmq_backend.emulator.faults.layer import _HANDLERS
from ibmq_backend.emulator.faults.script import (
    ALL_CALLS,
    Fault,
    FaultScript,
    FaultScriptError,
    call_numbers,
    find_operations,
)
from ibmq_backend.emulator.platform._routes import ROUTES as PLATFORM_ROUTES

TOML = """
[[fault]]
operation = "createJob"
calls = "1,3-5"
kind = "status"
status = 503
headers = { Retry-After = "2" }

[[fault]]
operation = "*"
kind = "delay"
seconds = 0.5
"""


def wrong(**values: Any) -> str:
    """Return the error for an entry of a script."""
    with pytest.raises(FaultScriptError) as caught:
        FaultScript.of([values])
    return str(caught.value)


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text(TOML)
    script = FaultScript.load(tmp_path / "faults.toml")
    first, second = script.faults
    assert (first.operation, first.kind, first.status) == ("createJob", "status", 503)
    assert first.headers == {"Retry-After": "2"}
    assert [number for number in range(1, 8) if number in first.calls] == [1, 3, 4, 5]
    assert (second.operation, second.calls, second.seconds) == ("*", ALL_CALLS, 0.5)

    entries = [
        {"operation": "createJob", "calls": [1, "3-5"], "kind": "status", "status": 503},
        {"operation": "*", "kind": "delay", "seconds": 0.5},
    ]
    (tmp_path / "faults.json").write_text(json.dumps({"fault": entries}))
    same = FaultScript.load(str(tmp_path / "faults.json"))
    assert same.faults[1] == second
    assert same.faults[0].calls == first.calls
    assert FaultScript.of(same) is same
    assert FaultScript.of([first, entries[1]]).faults == script.faults


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("f.toml", "fault = [", "cannot read the fault file .*f.toml: "),
        ("f.json", "{", "cannot read the fault file .*f.json: "),
        ("f.json", "[]", 'f.json: the file must be a table with the key "fault"'),
        ("f.toml", "[[faults]]", "f.toml: unknown key 'faults'"),
        ("f.toml", "fault = 1", r"f.toml: \"fault\" must be a list of tables"),
        ("f.json", "[" * 5000, "cannot read the fault file .*f.json: it is nested too deeply"),
        ("f.toml", "x = " + "[" * 5000, "cannot read the fault file .*f.toml: it is nested too"),
        (
            "f.toml",
            f"[[fault]]\noperation = '*'\nkind = 'html'\nbody.{'a.' * 5000}a = 1",
            "cannot read the fault file .*f.toml: it is nested too deeply",
        ),
        ("f.toml", "fault = [1]", "f.toml: entry 1 must be a table, not 1"),
        (
            "f.toml",
            TOML.replace("seconds = 0.5", "seconds = -1"),
            r"f.toml: entry 2 \(\*\): the key 'seconds' cannot be -1; allowed: seconds, from 0",
        ),
    ],
)
def test_a_bad_file(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FaultScriptError, match=said):
        FaultScript.load(tmp_path / name)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"cannot read the fault file .*none\.toml"):
        FaultScript.load(tmp_path / "none.toml")


def test_unknown_operations_name_the_nearest() -> None:
    said = wrong(operation="craeteJob", kind="refuse")
    assert said.startswith("entry 1 (craeteJob): the key 'operation' cannot be 'craeteJob'")
    assert "createJob" in said
    assert "platform:createJob" in wrong(operation="platform:createjob", kind="refuse")
    assert "exchangeToken" in wrong(operation="ExchangeTokens", kind="refuse")
    assert " and others, or '*'" in wrong(operation="x", kind="refuse")
    assert "cannot be 3" in wrong(operation=3, kind="refuse")


def test_operations_are_those_of_the_routes() -> None:
    names = {(one.dialect, one.operation_id) for one in OPERATIONS if not one.stream}
    assert names == {(one.dialect, one.operation_id) for one in (*CLASSIC_ROUTES, *PLATFORM_ROUTES)}
    assert {one.dialect for one in find_operations("createJob")} == {"classic", "platform"}
    assert [one.dialect for one in find_operations("platform:createJob")] == ["platform"]
    assert find_operations("*") == OPERATIONS
    stream = find_operations("jobStatusStream")
    assert [(one.dialect, one.stream) for one in stream] == [("classic", True)]


def test_every_kind_has_a_handler() -> None:
    assert set(KINDS) == set(_HANDLERS)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "refuse"}, "the key 'operation' is missing"),
        ({"operation": "*"}, "the key 'kind' is missing"),
        ({"operation": "*", "kind": "explode"}, "'kind' cannot be 'explode'; allowed: one of stat"),
        ({"operation": "*", "kind": ["html"]}, "'kind' cannot be"),
        ({"operation": "*", "kind": "html", "colour": 1}, "unknown key 'colour'; known: operation"),
        ({"operation": "*", "kind": "html", "seconds": 1}, "'seconds' does not belong to the kind"),
        ({"operation": "*", "kind": "status"}, "the kind 'status' needs the key 'status'"),
        ({"operation": "*", "kind": "delay"}, "the kind 'delay' needs the key 'seconds'"),
        ({"operation": "*", "kind": "html", "status": None}, "the key 'status' has no value"),
        ({"operation": "*", "kind": "html", "status": 204}, "'status' cannot be 204"),
        ({"operation": "*", "kind": "html", "status": 99}, "'status' cannot be 99"),
        ({"operation": "*", "kind": "html", "status": True}, "'status' cannot be True"),
        ({"operation": "*", "kind": "html", "status": "503"}, "'status' cannot be '503'"),
        ({"operation": "*", "kind": "html", "headers": {"a b": "c"}}, "'headers' cannot be"),
        ({"operation": "*", "kind": "html", "headers": {"a": "c\r\nx: y"}}, "'headers' cannot"),
        ({"operation": "*", "kind": "html", "headers": {"Content-Length": "1"}}, "'headers' cann"),
        ({"operation": "*", "kind": "html", "headers": []}, "'headers' cannot be"),
        ({"operation": "*", "kind": "html", "handled": 1}, "'handled' cannot be 1; allowed: true"),
        ({"operation": "*", "kind": "html", "body": {1, 2}}, "'body' cannot be"),
        ({"operation": "*", "kind": "delay", "seconds": float("nan")}, "'seconds' cannot be nan"),
        ({"operation": "*", "kind": "delay", "seconds": "1"}, "'seconds' cannot be '1'"),
        ({"operation": "*", "kind": "clock_skew", "seconds": float("inf")}, "cannot be inf"),
        ({"operation": "*", "kind": "truncate", "after_bytes": -1}, "'after_bytes' cannot be -1"),
        ({"operation": "*", "kind": "truncate", "after_bytes": 1.5}, "'after_bytes' cannot be"),
        ({"operation": "*", "kind": "refuse", "how": "softly"}, "'how' cannot be 'softly'"),
        ({"operation": "*", "kind": "rate_limit", "retry_after": -1}, "'retry_after' cannot be"),
        ({"operation": "*", "kind": "html", "calls": 0}, "'calls' cannot be 0; allowed: a number"),
        ({"operation": "*", "kind": "html", "calls": "3-2"}, "'calls' cannot be '3-2'"),
        ({"operation": "*", "kind": "html", "calls": "1 2"}, "'calls' cannot be '1 2'"),
        ({"operation": "*", "kind": "html", "calls": []}, "'calls' cannot be"),
        ({"operation": "*", "kind": "html", "calls": True}, "'calls' cannot be True"),
        ({"operation": "*", "kind": "html", "calls": 1.0}, "'calls' cannot be 1.0"),
        (
            {"operation": "getVersion", "kind": "expired_token"},
            "the kind 'expired_token' does not apply to 'getVersion', which carries no token",
        ),
        (
            {"operation": "jobStatusStream", "kind": "clock_skew", "seconds": 1},
            "does not apply to 'jobStatusStream', which is a stream",
        ),
        (
            {"operation": "jobStatusStream", "kind": "truncate", "after_bytes": 1},
            "the key 'after_bytes' does not fit 'jobStatusStream'",
        ),
        (
            {"operation": "jobStatusStream", "kind": "html", "handled": True},
            "the key 'handled' does not fit 'jobStatusStream'",
        ),
        (
            {"operation": "jobStatusStream", "kind": "wrong_json", "status": 200},
            "the key 'status' does not fit 'jobStatusStream'",
        ),
        (
            {"operation": "getJob", "kind": "truncate", "after_frames": 1},
            "the key 'after_frames' does not fit 'getJob'",
        ),
    ],
)
def test_bad_entries(values: dict[str, Any], said: str) -> None:
    message = wrong(**values)
    assert said in message
    assert message.startswith("entry 1 (")


def test_a_bad_script_object() -> None:
    for given_ in ({"operation": "*", "kind": "html"}, "faults.toml"):
        with pytest.raises(FaultScriptError, match="a fault script is a list of faults"):
            FaultScript.of(given_)  # type: ignore[arg-type]
    with pytest.raises(FaultScriptError, match="entry 2 must be a table, not 'html'"):
        FaultScript.of([Fault(operation="*", kind="html"), "html"])  # type: ignore[list-item]
    with pytest.raises(FaultScriptError, match="'kind' cannot be 'none'"):
        Fault(operation="*", kind="none")


RANGES = st.lists(
    st.tuples(st.integers(1, 10**6), st.none() | st.integers(0, 10**6)).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    min_size=1,
    max_size=5,
)


@given(RANGES, st.integers(1, 3 * 10**6))
def test_call_numbers_contain_their_ranges(
    ranges: list[tuple[int, int | None]], number: int
) -> None:
    text = ", ".join(f"{first}-{'' if last is None else last}" for first, last in ranges)
    read = call_numbers(text)
    assert read.ranges == tuple(ranges)
    assert call_numbers(str(read)) == read
    assert call_numbers(read) is read
    wanted = any(first <= number and number <= (last or number) for first, last in ranges)
    assert (number in read) is wanted


@given(st.text(alphabet="0123456789-,* x", max_size=12))
def test_call_numbers_from_any_text(text: str) -> None:
    try:
        ranges, said = call_numbers(text).ranges, "'calls'"
    except FaultScriptError as error:
        ranges, said = ((1, None),), str(error)
    assert "'calls'" in said
    assert all(first >= 1 and (last is None or last >= first) for first, last in ranges)


def test_the_examples_of_the_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
    kinds = set()
    for number, example in enumerate(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)):
        path = tmp_path / f"{number}.toml"
        operation = "" if "operation =" in example else 'operation = "*"\n'
        path.write_text(example if "[[" in example else f"[[fault]]\n{operation}{example}")
        kinds |= {fault.kind for fault in FaultScript.load(path).faults}
    named = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert {kind for names in named for kind in names.split(", ")} == set(KINDS)
    assert kinds == set(KINDS) - {"reset_during"}  # shares the example of "stall"
