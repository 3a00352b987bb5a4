"""Bar charts of counts, from documents of any service."""

import pytest

from ibmq_backend.job.histogram import MAX_CIRCUITS, histograms
from tests.support.static_html import bars, read, rows


def entry(counts, **header):
    return {"success": True, "header": header, "data": {"counts": counts}}


def test_states_are_in_order_with_their_registers():
    counts = {"0x2": 30, "0x0": 10, "0x7": 60}
    shown = histograms([entry(counts, memory_slots=3, creg_sizes=[["a", 1], ["b", 2]])], 1)
    assert list(rows(shown).items())[1:] == [
        ("00 0", ["10", "10.0%", ""]),
        ("01 0", ["30", "30.0%", ""]),
        ("11 1", ["60", "60.0%", ""]),
    ]
    assert bars(shown)["01 0"] == (0, 50)


def test_the_rarest_states_are_added_up():
    counts = {hex(state): 100 - state for state in range(32)}
    shown = rows(histograms([entry(counts, memory_slots=5)], 1))
    assert list(shown)[1:] == [*(f"{state:05b}" for state in range(16)), "16 others"]
    assert shown["16 others"][0] == str(sum(range(69, 85)))


def test_many_bits_are_shown_as_a_number():
    shown = rows(histograms([entry({"0x5": 3, hex(1 << 299): 1}, memory_slots=300)], 1))
    assert shown["0x5"][0] == "3"
    assert sorted(map(len, shown))[-1] < 50


def test_names_are_escaped_and_circuits_are_numbered():
    one = entry({"0x0": 1}, name="<script>")
    captions = [each.text for each in read(histograms([one, one], 2)).iter("b")]
    assert captions == ["Circuit 0: <script>, 1 shots", "Circuit 1: <script>, 1 shots"]


def test_many_circuits_are_not_all_shown():
    shown = histograms([entry({"0x0": 1})] * 900, 900)
    assert len(list(read(shown).iter("table"))) == MAX_CIRCUITS
    assert f"{900 - MAX_CIRCUITS} more circuits: result.get_counts({MAX_CIRCUITS})" in shown


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"success": True, "data": {"memory": [[0.1, 0.2]]}}, "no counts"),
        ({"success": True, "data": {"counts": {}}}, "no counts"),
        ({"success": True, "data": {"counts": {"0x0": 0}}}, "no counts"),
        ({"success": True, "data": {"counts": {"zero": 1}}}, "no counts"),
        ({"success": True, "data": {"counts": {"0x0": "many"}}}, "no counts"),
        ({"success": True, "data": {"counts": {"0x0": 10**400, "0x1": 1}}}, None),
        ({"success": True, "data": {"counts": {"0x0": float("inf")}}}, None),
        ({"success": True, "data": [], "header": []}, "no counts"),
        (entry({"0x0": 1}, memory_slots=10**9), "no counts"),
        ({"success": False, "status": "<b>"}, "<b>"),
        ({}, "failed"),
    ],
)
def test_odd_entries(bad, words):
    shown = read(histograms([bad], 1))
    if words is not None:
        assert [each.text for each in shown.iter("p")] == [f"Counts: {words}"]
