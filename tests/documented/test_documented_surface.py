"""Every row of docs/documented.toml holds, and the page made of it is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts._docs.check import counts, has_test, problems
from scripts._docs.code import documented_parameters, resolve
from scripts._docs.page import render
from scripts._docs.rows import Area, DocsError, Row, read_areas

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "documented.toml"
THIS = "tests/documented/test_documented_surface.py::test_every_row_holds"


@pytest.fixture(scope="module")
def areas():
    return read_areas(TABLE)


def test_every_row_holds(areas):
    assert problems(areas, ROOT) == []
    covered, total, differing = counts(areas)
    print(f"\ndocumented rows: {covered} of {total} answered, {differing} different on purpose")
    assert total > 440
    assert covered >= total - 3


def test_the_page_is_current(areas):
    assert render(areas) == (ROOT / "docs" / "documented.md").read_text(encoding="utf-8"), (
        "run scripts/docs"
    )


def row(documented, here, tests=(THIS,), difference="", bases=()):
    return Area("A", "", (Row("A", documented, here, "0.8", tests, difference, bases),))


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (row("x", "ibmq_backend.IBMQJob.no_such"), "IBMQJob has no 'no_such'"),
        (row("x", "ibmq_backend.no_such_module.x"), "stops at 'no_such_module'"),
        (row("x", "no_such_package.x"), "there is no module 'no_such_package'"),
        (row("x", ""), "no reason is given"),
        (row("x", "ibmq_backend.IBMQJob", tests=()), "no test is named"),
        (row("x", "ibmq_backend.IBMQJob", tests=("tests/x.py::test_y",)), "no test tests/x.py"),
        (row("x", "ibmq_backend.IBMQJob", tests=(THIS + "_not",)), "test_every_row_holds_not"),
        (row("f(speed)", "ibmq_backend.IBMQJob.result"), "parameter 'speed' is not accepted"),
        (row("f(wait)", "ibmq_backend.IBMQJob.result"), "parameter 'wait' is not number 1"),
        (row("f(timeout=5)", "ibmq_backend.IBMQJob.result"), "the default of 'timeout' is None"),
        (row("f(**more)", "ibmq_backend.IBMQJob.result"), "no further keywords"),
        (row("x", "ibmq_backend.IBMQError", bases=("ValueError",)), "ValueError is none of its"),
    ],
)
def test_what_does_not_hold_is_said(area, said):
    (problem,) = problems([area], ROOT)
    assert said in problem


def test_a_difference_has_to_name_the_parameter_it_is_about():
    where = "ibmq_backend.IBMQJob.result"
    assert problems([row("f(speed)", where, difference="No speed.")], ROOT) == []
    assert len(problems([row("f(speed)", where, difference="Other.")], ROOT)) == 1


def test_attributes_that_only_instances_have_are_found():
    assert resolve("ibmq_backend.BackendReservation.duration").summary == "whole minutes."
    with pytest.raises(LookupError, match="no 'weight'"):
        resolve("ibmq_backend.BackendReservation.weight")


def test_signatures_are_taken_apart():
    found = documented_parameters("f(a, b=(1, 2), *, c='x', **more)")
    assert [(each.name, each.default) for each in found] == [
        ("a", None),
        ("b", "(1, 2)"),
        ("*", None),
        ("c", "'x'"),
        ("**more", None),
    ]
    assert documented_parameters("a sentence (with brackets) inside") is None


def test_tests_are_found_by_their_node_id():
    assert has_test(ROOT, THIS)
    assert has_test(ROOT, THIS + "[some parameters]")
    assert not has_test(ROOT, "tests/nowhere.py::test_x")


def test_a_row_with_unknown_keys_is_refused(tmp_path):
    table = tmp_path / "table.toml"
    table.write_text('[[area]]\ntitle = "A"\nrows = [{ documented = "x", colour = "red" }]\n')
    with pytest.raises(DocsError, match="colour"):
        read_areas(table)
    table.write_text('[[area]]\ntitle = "A"\nrows = [{ documented = "x" }]\n')
    with pytest.raises(DocsError, match="lacks here, since, test"):
        read_areas(table)
