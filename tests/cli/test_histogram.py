from ibmq_backend.cli.histogram import histogram


def test_most_frequent_first_bars_in_proportion():
    lines = histogram({"00": 25, "11": 100, "01": 50}, width=8).splitlines()
    assert lines == ["11  100  ████████", "01   50  ████", "00   25  ██"]


def test_equal_counts_are_ordered_by_bits():
    assert [line[:2] for line in histogram({"10": 5, "01": 5, "11": 5}).splitlines()] == [
        "01",
        "10",
        "11",
    ]


def test_rest_is_summed_up():
    lines = histogram({f"{n:03b}": 10 - n for n in range(8)}, top=5).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "... 3 more outcomes, 12 shots"


def test_rare_outcomes_stay_visible_and_zero_has_no_bar():
    lines = histogram({"0": 100_000, "1": 1, "2": 0}, width=10).splitlines()
    assert lines[1].endswith("▏")
    assert lines[2] == "2       0"


def test_parts_of_a_character():
    assert histogram({"0": 8, "1": 3}, width=1).splitlines()[1].endswith("▍")


def test_nothing():
    assert histogram({}) == "(no outcomes)"
    assert histogram({"0": 0}) == "0  0"
