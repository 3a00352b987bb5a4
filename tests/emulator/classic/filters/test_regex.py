"""Patterns of filters: they match as in Python, and their cost is bounded."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.filters.loopback import parse_filter
from ibmq_backend.emulator.classic.filters.regex import (
    MAX_PATTERNS,
    MAX_TEXT_CHARACTERS,
    MAX_WORK,
    Pattern,
    PatternError,
    SearchBudget,
)

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
def test_patterns_match_as_in_python(source: str, text: str, flags: str) -> None:
    assume(text or "\\B" not in source)  # Python alone says that it does not match
    own = re.ASCII
    for letter in flags:
        own |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    # "$" of Python also matches before a last newline.
    python = source if "m" in flags else source.replace("$", "\\Z")
    assert Pattern(source, flags).matches(text) is bool(re.search(python, text, own))


@pytest.mark.parametrize(
    ("source", "text", "matches"),
    [
        ("(?<kind>Bell) pair", "a Bell pair", True),
        ("(?P<kind>Bell)", "Bell", True),
        ("(?i)bell", "BELL", True),
        ("a{,2}", "a{,2}", True),  # in JavaScript not a repetition
        ("a{x}", "a{x}", True),
        ("\\/x\\\\", "/x\\", True),
        ("\\u00e9+\\u0020", "caf\u00e9\u00e9 ", True),
        ("[\\u0061-\\u0063]{3}", "cab", True),
        ("\\\\u0061", "\\u0061", True),  # an escaped backslash, then "u0061"
        ("\\u0061", "\\u0061", False),
        ("\\\u2013", "\u2013", True),
        ("\u00e9+", "caf\u00e9\u00e9", True),
        ("\ud83d", "\ud83d", True),
        ("", "", True),
        ("x{0}", "", True),
    ],
)
def test_javascript_syntax(source: str, text: str, matches: bool) -> None:
    assert Pattern(source).matches(text) is matches


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(", "missing )"),
        ("a)", "unexpected )"),
        ("[a", "missing ]"),
        ("[b-a]", "range"),
        ("*a", "no argument for repetition"),
        ("a**", "repetition operator"),
        ("a{2}{3}", "repetition operator"),
        ("a{3,2}", "repetition size"),
        ("a{999999999}", "repetition size"),
        ("a\\", "trailing"),
        ("(a)\\1", "invalid escape"),
        ("\\k<x>", "invalid escape"),
        ("\\xg0", "invalid escape"),
        ("a(?=b)", "invalid perl operator"),
        ("a(?!b)", "invalid perl operator"),
        ("(?<=a)b", "invalid perl operator"),
        ("(?R)", "invalid perl operator"),
        ("((a{999}){999}){999}", "repetition size"),
        ("\\pL{100}", "too large"),
        ("(?s).{300}", "too large"),
        ("[a-z]{1,30}" * 30, "too large"),
        ("x" * 513, "more than 512 characters"),
    ],
)
def test_unsupported_patterns(source: str, reason: str) -> None:
    with pytest.raises(PatternError, match=re.escape(reason)):
        Pattern(source)


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ("(a+)+$", False),
        ("^(a|a)*$", False),
        ("(a*)*b", False),
        ("(a|aa)+$", False),
        ("(.*)*x", False),
        ("(a?){40}a{40}$", False),
        (".*.*.*.*.*b", False),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", False),
        ("((((a+)+)+)+)+$", False),
        ("(a{1,9}){1,9}b", False),
        ("(?:^?){240}$", True),
        ("(" * 200 + ")" * 200, True),
    ],
)
def test_patterns_that_backtracking_engines_never_finish(source: str, matches: bool) -> None:
    """The cost of a search is the size of the pattern times the length of the text."""
    budget = SearchBudget()
    assert Pattern(source, "", budget).matches("a" * (MAX_TEXT_CHARACTERS - 1) + "!") is matches
    assert MAX_WORK - budget.work <= 500 * (MAX_TEXT_CHARACTERS + 1)


def test_long_texts_are_cut() -> None:
    text = "a" * MAX_TEXT_CHARACTERS
    assert Pattern("b").matches(text[1:] + "b")
    assert not Pattern("b").matches(text + "b")


def test_all_patterns_of_a_filter_share_one_budget() -> None:
    budget = SearchBudget(work=2_000)
    patterns = [Pattern("(a+)+$", "", budget) for _ in range(2)]
    assert not patterns[0].matches("a" * 100 + "!")
    with pytest.raises(PatternError, match="takes too long"):
        patterns[1].matches("a" * 1000 + "!")


def test_a_filter_has_few_patterns() -> None:
    conditions = [{"name": {"regexp": f"^{number}"}} for number in range(MAX_PATTERNS)]
    parse_filter(json.dumps({"where": {"or": conditions}}))
    conditions.append({"name": {"like": "%x"}})
    with pytest.raises(ServiceError, match="more than 32 patterns"):
        parse_filter(json.dumps({"where": {"or": conditions}}))


def test_errors_name_the_pattern_and_the_reason() -> None:
    with pytest.raises(ServiceError) as caught:
        parse_filter('{"where": {"name": {"regexp": "(?=a)"}}}')
    assert (caught.value.status, caught.value.code) == (400, 2400)
    assert caught.value.message == (
        "The filter is not valid: the pattern '(?=a)' is not RE2 syntax "
        "(invalid perl operator: (?=)."
    )
    matches = parse_filter('{"where": {"tags": {"regexp": "[a-z]{1,30}[0-9]{1,30}x"}}}').matches
    with pytest.raises(ServiceError, match="takes too long") as caught:
        matches({"tags": ["a" * 1024] * 1000})
    assert (caught.value.status, caught.value.code) == (400, 2400)
