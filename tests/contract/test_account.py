"""Logging in, and what an account has."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import Capability
from ibmq_backend.exceptions import ApiAuthError, IBMQAccountCredentialsInvalidUrl
from tests.contract.targets import OPEN, OTHER, Target


def test_login_tells_the_place(target: Target) -> None:
    service = target.log_in()
    assert service.info.place == "classic"
    assert service.info.url == target.url


def test_instances_are_listed_default_first(target: Target) -> None:
    instances = target.log_in().instances()
    assert [record.is_default for record in instances] == [True] + [False] * (len(instances) - 1)
    assert [record.id for record in instances] == [OPEN, OTHER]
