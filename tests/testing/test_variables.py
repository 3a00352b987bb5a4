"""What may differ between a recording and a replay, and what may not."""

from __future__ import annotations

import pytest

from ibmq_backend.testing.variables import Bindings, Numbering, parts

ONE, TWO = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
RUN = "ibmq_run_" + "0" * 31


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"id {ONE}.", ["uuid"]),
        (
            f'["{RUN}1", "circuit-12", "circuit-3-77", "sched4"]',
            ["submission", *["circuit"] * 2, "schedule"],
        ),
        ("my-circuit-board circuitry 1234-5678", []),
        ("0" * 24, []),
    ],
)
def test_what_programs_make_up_has_a_shape(text: str, kinds: list[str]) -> None:
    fixed, variables = parts(text)
    assert [kind for kind, _ in variables] == kinds
    values = [value for _, value in variables]
    assert "".join(map("".join, zip(fixed, [*values, ""], strict=True))) == text


def test_a_variable_means_the_same_everywhere() -> None:
    first = Bindings().fit([(f"a {ONE} {ONE}", f"a {TWO} {TWO}")])
    assert first is not None
    assert first.meant == {ONE: TWO}
    assert first.fit([(ONE, TWO)])
    assert first.fit([(ONE, ONE)]) is None
    assert Bindings().fit([(f"{ONE} {ONE}", f"{ONE} {TWO}")]) is None


def test_two_variables_never_mean_the_same() -> None:
    assert Bindings().fit([("api-token-1 api-token-2", "api-token-7 api-token-7")]) is None
    bound = Bindings().fit([("api-token-1", "api-token-7")])
    assert bound is not None
    assert bound.fit([("api-token-2", "api-token-7")]) is None
    assert bound.fit([("api-token-2", "api-token-1")])


def test_kind_and_all_the_rest_have_to_be_the_same() -> None:
    assert Bindings().fit([("access-token-1", "api-token-1")]) is None
    assert Bindings().fit([(f"a {ONE}", f"b {ONE}")]) is None
    assert Bindings().fit([(f"a {ONE}", "a")]) is None


def test_replies_speak_the_words_of_the_program() -> None:
    bound = Bindings().fit(
        [(f'{{"name": "circuit-1", "id": "{ONE}"}}', f'{{"name": "circuit-9", "id": "{TWO}"}}')]
    )
    assert bound is not None
    assert bound.reply(f"circuit-1 of {ONE} and circuit-2") == f"circuit-9 of {TWO} and circuit-2"


def test_what_a_reply_was_the_first_to_tell_has_to_come_back() -> None:
    bindings = Bindings()
    assert bindings.reply(f"made {ONE}") == f"made {ONE}"
    assert bindings.fit([(f"/jobs/{ONE}", f"/jobs/{TWO}")]) is None
    assert bindings.fit([(f"/jobs/{ONE}", f"/jobs/{ONE}")])


def test_recordings_number_what_the_program_made_up() -> None:
    numbering = Numbering()
    assert (
        numbering.request(f"{TWO} circuit-77") == "00000000-0000-4000-8000-000000000001 circuit-1"
    )
    assert numbering.reply(f"{TWO} {ONE}") == f"00000000-0000-4000-8000-000000000001 {ONE}"
    assert numbering.request(f"{ONE} {RUN}7") == f"{ONE} {RUN}1"
