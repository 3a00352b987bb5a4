from datetime import UTC, datetime

from ibmq_backend._html import Bar, beside, card, chart, note, table
from tests.support.static_html import bars, read, rows

KEY = "Kj3" * 15


def test_a_card_omits_unknown_values_and_escapes_text():
    shown = card("<Job>", {"name": "a & <b>", "tags": None, "shots": 5, "lines": "one\ntwo"})
    assert rows(shown) == {"name": ["a & <b>"], "shots": ["5"], "lines": ["onetwo"]}
    assert read(shown).find(".//caption/b").text == "<Job>"
    assert "one<br/>two" in shown


def test_a_table_shows_dashes_for_unknown_values_and_three_digits():
    shown = table("T", ("<a>", "b"), [("x", 0.123456), (None, True), ("y", None), ("z", "<i>")])
    assert rows(shown) == {"<a>": ["b"], "x": ["0.123"], "-": ["yes"], "y": ["-"], "z": ["<i>"]}


def test_times_are_local_and_name_the_zone():
    moment = datetime(2021, 5, 4, 11, 34, 58, tzinfo=UTC)
    assert rows(card("T", {"date": moment}))["date"] == [
        f"{moment.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    ]


def test_secrets_control_characters_and_long_texts():
    text = f"token={KEY} \x1b[31m {'long ' * 1000}"
    for shown in (
        card("T", {"error": text}),
        card(text, {}),
        table(text, (text,), [(text, text)]),
        chart(text, (text,), [Bar(text, (text,), 0, 1)]),
        note(text),
    ):
        read(shown)
        assert KEY not in shown
        assert "\x1b" not in shown
        assert len(shown) < 10_000


def test_bars_are_inside_the_chart_and_visible():
    shown = chart(
        "T",
        ("State", "Counts"),
        [
            Bar("half", (1,), 0.25, 0.75),
            Bar("tiny", (2,), 1 - 1e-9, 1.0),
            Bar("none", (3,), 0.5, 0.5),
            Bar("nan", (4,), 0.0, float("nan")),
        ],
    )
    found = bars(shown)
    assert found.keys() == {"half", "tiny"}
    assert found["half"] == (25, 50)
    left, width = found["tiny"]
    assert width > 0.5
    assert left + width <= 100


def test_two_blocks_use_the_text_colour_of_the_theme():
    shown = read(beside(note("one"), note("two")))
    assert "var(--jp-ui-font-color1,inherit)" in shown[0].attrib["style"]
    assert [block[0].text for block in shown[0]] == ["one", "two"]
