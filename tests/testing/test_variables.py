"""Values that may differ between a recording and a replay."""

from __future__ import annotations

import pytest

from ibmq_backend.testing.variables import Bindings, Numbering, split_variables

ONE, TWO = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
RUN = "ibmq_run_" + "0" * 31
TAG = "ibmq_run_-a_B012345678-_"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"id {ONE}.", ["uuid"]),
        (
            f'["{RUN}1", "circuit-12", "circuit-3-77", "sched4"]',
            ["submission", *["circuit"] * 2, "schedule"],
        ),
        (f'"{TAG}", "{TAG}-"', ["submission"]),
        ("my-circuit-board circuitry 1234-5678", []),
        ("0" * 24, []),
    ],
)
def test_generated_values_are_recognized(text: str, kinds: list[str]) -> None:
    fixed, variables = split_variables(text)
    assert [kind for kind, _ in variables] == kinds
    values = [value for _, value in variables]
    assert "".join(map("".join, zip(fixed, [*values, ""], strict=True))) == text


def test_variable_has_one_value() -> None:
    first = Bindings().fit([(f"a {ONE} {ONE}", f"a {TWO} {TWO}")])
    assert first is not None
    assert first.values == {ONE: TWO}
    assert first.fit([(ONE, TWO)])
    assert first.fit([(ONE, ONE)]) is None
    assert Bindings().fit([(f"{ONE} {ONE}", f"{ONE} {TWO}")]) is None


def test_a_tag_of_an_earlier_version_is_replayed() -> None:
    assert Bindings().fit([(f"tags={RUN}1", f"tags={TAG}")])


def test_two_variables_have_different_values() -> None:
    assert Bindings().fit([("api-token-1 api-token-2", "api-token-7 api-token-7")]) is None
    bound = Bindings().fit([("api-token-1", "api-token-7")])
    assert bound is not None
    assert bound.fit([("api-token-2", "api-token-7")]) is None
    assert bound.fit([("api-token-2", "api-token-1")])


def test_kind_and_fixed_parts_must_be_equal() -> None:
    assert Bindings().fit([("access-token-1", "api-token-1")]) is None
    assert Bindings().fit([(f"a {ONE}", f"b {ONE}")]) is None
    assert Bindings().fit([(f"a {ONE}", "a")]) is None


def test_replies_contain_the_values_of_the_program() -> None:
    bound = Bindings().fit(
        [(f'{{"name": "circuit-1", "id": "{ONE}"}}', f'{{"name": "circuit-9", "id": "{TWO}"}}')]
    )
    assert bound is not None
    assert bound.reply(f"circuit-1 of {ONE} and circuit-2") == f"circuit-9 of {TWO} and circuit-2"


def test_values_from_replies_must_be_sent_unchanged() -> None:
    bindings = Bindings()
    assert bindings.reply(f"made {ONE}") == f"made {ONE}"
    assert bindings.fit([(f"/jobs/{ONE}", f"/jobs/{TWO}")]) is None
    assert bindings.fit([(f"/jobs/{ONE}", f"/jobs/{ONE}")])


def test_recordings_number_generated_values() -> None:
    numbering = Numbering()
    assert (
        numbering.request(f"{TWO} circuit-77") == "00000000-0000-4000-8000-000000000001 circuit-1"
    )
    assert numbering.reply(f"{TWO} {ONE}") == f"00000000-0000-4000-8000-000000000001 {ONE}"
    assert numbering.request(f"{ONE} {TAG}") == f"{ONE} ibmq_run_000000000000001"
