"""The public names of ``ibmq_backend.testing``."""

from __future__ import annotations

import pytest

from ibmq_backend import testing


@pytest.mark.parametrize("name", testing.__all__)
def test_names_are_found_when_they_are_used(name: str) -> None:
    assert getattr(testing, name).__module__.startswith("ibmq_backend.testing.")
    assert name in dir(testing)


def test_there_are_no_others() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = testing.Nothing
