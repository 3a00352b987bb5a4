from ibmq_backend._html import card, table


def test_a_card_leaves_out_what_is_not_known_and_escapes_the_rest():
    assert card("<Job>", {"name": "a & b", "tags": None, "shots": 5}) == (
        "<table><caption><b>&lt;Job&gt;</b></caption>"
        "<tr><th style='text-align:left'>name</th><td>a &amp; b</td></tr>"
        "<tr><th style='text-align:left'>shots</th><td>5</td></tr></table>"
    )


def test_a_table_shows_a_dash_for_what_is_not_known_and_three_digits():
    assert table("T", ("<a>", "b"), [(None, 0.123456), ("<x>", True)]) == (
        "<table><caption><b>T</b></caption><tr><th style='text-align:left'>&lt;a&gt;</th>"
        "<th style='text-align:left'>b</th></tr><tr><td>-</td><td>0.123</td></tr>"
        "<tr><td>&lt;x&gt;</td><td>True</td></tr></table>"
    )
