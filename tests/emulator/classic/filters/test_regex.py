"""The searches of filters: as Python's own, but bounded."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.filters.loopback import parse_filter
from ibmq_backend.emulator.classic.filters.regex import MOST_STEPS, Pattern, PatternError, Steps

LETTERS = "abB1_ \n-"
ATOMS = st.sampled_from(
    ["a", "b", "B", "1", "_", " ", "-", ".", "\\d", "\\w", "\\s", "\\W", "\\D", "\\S", "\\.", "\\-",
     "[ab]", "[^ab]", "[a-z1]", "[\\d_]", "[^\\w]", "[-a]", "[]a]", "^", "$", "\\b", "\\B", "\\n",
     "\\x61", "\\u0062"]
)  # fmt: skip
REPEATABLE = st.sampled_from(["a", "b", ".", "\\w", "[ab]", "[^a]"])
REPETITIONS = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "{1,3}?"])


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.builds("({}{})".format, st.sampled_from(["", "?:"]), parts)
    return st.one_of(
        st.lists(parts, min_size=1, max_size=3).map("".join),
        st.builds("{}|{}".format, parts, parts),
        groups,
        st.builds("{}{}".format, groups, REPETITIONS),
    )


PATTERNS = st.recursive(
    st.one_of(ATOMS, st.builds("{}{}".format, REPEATABLE, REPETITIONS)), _larger, max_leaves=6
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text(LETTERS, max_size=6), st.sampled_from(["", "i", "m", "s", "ims"]))
@example("(a|b|)*$", "ab1", "")
@example("(?:a{0,2}){2}b", "aaaab", "")
@example("^$", "\n", "m")
def test_what_fits_is_what_fits_in_python(source: str, text: str, flags: str) -> None:
    assume(text or "\\B" not in source)  # where Python is alone with its answer
    own = re.ASCII
    for letter in flags:
        own |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    # "$" of Python also fits before a last newline.
    python = source if "m" in flags else source.replace("$", "\\Z")
    assert Pattern(source, flags).fits(text) is bool(re.search(python, text, own))


@pytest.mark.parametrize(
    ("source", "text", "fits"),
    [
        ("(?<kind>Bell) pair", "a Bell pair", True),
        ("(?P<kind>Bell)", "Bell", True),
        ("(?i)bell", "BELL", True),
        ("a{,2}", "a{,2}", True),  # no repetition: the braces stand for themselves
        ("a{x}", "a{x}", True),
        ("\\/x\\\\", "/x\\", True),
        ("[\\b]", "\b", True),
        ("é+", "caféé", True),
        ("^\\S+$", "\ufeff", False),
        ("", "", True),
        ("x{0}", "", True),
    ],
)
def test_what_javascript_writes(source: str, text: str, fits: bool) -> None:
    assert Pattern(source).fits(text) is fits


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("(", "ends too early"),
        ("a)", "')' too many"),
        ("[a", "ends too early"),
        ("[b-a]", "range"),
        ("[\\d-a]", None),
        ("*a", "repeats nothing"),
        ("a**", "repeats a repetition"),
        ("a{2}{3}", "repeats a repetition"),
        ("a{3,2}", "bounds"),
        ("a{99999}", "bounds"),
        ("a\\", "ends too early"),
        ("(a)\\1", "not offered"),
        ("\\k<x>", "not offered"),
        ("\\xg0", "escapes no character"),
        ("a(?=b)", "not offered"),
        ("a(?!b)", "not offered"),
        ("(?<=a)b", "not offered"),
        ("(?R)", "not offered"),
        ("((a{999}){999}){999}", "too large"),
        ("(" * 60 + ")" * 60, "deep"),
        ("x" * 513, "512"),
    ],
)
def test_what_is_refused(source: str, says: str | None) -> None:
    if says is None:
        Pattern(source)
        return
    with pytest.raises(PatternError, match=re.escape(says)):
        Pattern(source)


@pytest.mark.parametrize(
    "source",
    ["(a+)+$", "(a|a)*$", "(a*)*b", "(a|aa)+$", "(.*)*x", "(a?){40}a{40}$", ".*.*.*.*.*b",
     "^(([a-z])+.)+[A-Z]([a-z])+$", "((((a+)+)+)+)+$", "(a{1,9}){1,9}b"],
)  # fmt: skip
def test_what_holds_up_others_takes_steps_in_proportion(source: str) -> None:
    """Twice the text, twice the steps, give or take the start; Python would need years."""
    taken = []
    for length in (500, 1000):
        steps = Steps()
        Pattern(source, "", steps).fits("a" * length + "!")
        taken.append(MOST_STEPS - steps.left)
    assert taken[1] < 2.2 * taken[0]
    assert taken[1] < 1_000_000


def test_nothing_repeated_ever_so_often_is_nothing() -> None:
    source = "a" + "(" * 20 + "){2000}" * 20 + "b"
    pattern = Pattern(source)
    assert pattern.fits("-ab-")
    assert not pattern.fits("a-b")


def test_all_searches_of_a_filter_share_their_steps() -> None:
    steps = Steps(2_000)
    patterns = [Pattern("(a+)+$", "", steps) for _ in range(2)]
    assert not patterns[0].fits("a" * 100 + "!")
    with pytest.raises(PatternError, match="too many steps"):
        patterns[1].fits("a" * 1000 + "!")


@pytest.mark.slow
def test_a_filter_says_what_is_wrong_with_its_pattern() -> None:
    text = json.dumps({"where": {"tags": {"regexp": "[a-z]{1,30}" * 40 + "x"}}})
    with pytest.raises(ServiceError, match="too large"):
        parse_filter(text)
    with pytest.raises(ServiceError, match="not offered"):
        parse_filter('{"where": {"name": {"regexp": "(?=a)"}}}')
    text = json.dumps({"where": {"tags": {"regexp": "[a-z]{1,30}" * 30 + "x"}}})
    matches = parse_filter(text).matches
    with pytest.raises(ServiceError, match="too many steps") as caught:
        matches({"tags": ["a" * 1024] * 100})
    assert (caught.value.status, caught.value.code) == (400, 2400)
