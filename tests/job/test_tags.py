import re

import pytest

from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobInvalidStateError
from ibmq_backend.job.tags import (
    changed_tags,
    check_tags,
    new_submission_tag,
    only_submission_tag,
    strip_submission_tag,
)

OWN = new_submission_tag()
EARLIER = "ibmq_run_00000000000000000000000000000005"
"""The form of the tags of older jobs."""
SET = "ibmq_jobset_1"


def test_submission_tags_and_user_tags_are_separate():
    assert strip_submission_tag(["a", OWN, "b", EARLIER]) == ["a", "b"]
    assert only_submission_tag(["a", OWN, "b"]) == [OWN]
    assert only_submission_tag(["a", EARLIER, "b"]) == [EARLIER]


def test_a_submission_tag_has_24_characters_and_is_new_each_time():
    tags = {new_submission_tag() for _ in range(100)}
    assert len(tags) == 100
    assert all(re.fullmatch(r"ibmq_run_[\w-]{15}", tag) for tag in tags)


@pytest.mark.parametrize(
    ("changes", "tags"),
    [
        (([], None, None), [SET]),
        ((["c"], None, None), ["c", SET]),
        ((None, ["c", "a"], None), ["a", SET, "c"]),
        ((None, None, ["a", SET]), [SET]),
        ((["c"], ["d"], ["c"]), [SET, "d"]),
    ],
)
def test_changes_apply_in_order_and_keep_the_job_set(changes, tags):
    assert changed_tags(["a", SET], *changes) == tags


@pytest.mark.parametrize("changes", [(None, None, None), ("a", None, None), (None, [5], None)])
def test_changes_are_lists_of_text(changes):
    with pytest.raises(IBMQJobInvalidStateError):
        changed_tags(["a"], *changes)


def test_tags_are_a_list_of_text():
    assert check_tags(None) == ()
    assert check_tags(tag for tag in "ab") == ("a", "b")
    for wrong in ("a", b"a", 5, ["a", 1]):
        with pytest.raises(IBMQBackendValueError, match="other must be a list of text"):
            check_tags(wrong, "other")
