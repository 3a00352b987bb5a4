import pytest

from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import print_renderable


@pytest.fixture
def lines(capsys):
    """Print the histogram of these counts; return its lines."""

    def printed(counts, **options):
        print_renderable(histogram(counts, **options))
        return capsys.readouterr().out.splitlines()

    return printed


def test_most_frequent_first_bars_in_proportion(lines):
    found = lines({"00": 25, "11": 100, "01": 50}, width=8)
    assert found == ["11  100  ████████", "01   50  ████", "00   25  ██"]


def test_equal_counts_are_ordered_by_bits(lines):
    assert [line[:2] for line in lines({"10": 5, "01": 5, "11": 5})] == ["01", "10", "11"]


def test_other_outcomes_are_summed_up(lines):
    found = lines({f"{n:03b}": 10 - n for n in range(8)}, top=5)
    assert len(found) == 6
    assert found[-1] == "... 3 more outcomes, 12 shots"


def test_rare_outcomes_stay_visible_and_zero_has_no_bar(lines):
    found = lines({"0": 100_000, "1": 1, "2": 0}, width=10)
    assert found[1].endswith("▏")
    assert found[2] == "2       0"


def test_parts_of_a_character(lines):
    assert lines({"0": 8, "1": 3}, width=1)[1].endswith("▍")


def test_no_counts(lines):
    assert lines({}) == ["(no outcomes)"]
    assert lines({"0": 0}) == ["0  0"]
