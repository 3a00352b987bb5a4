"""Logging in, and the instances of an account."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import Capability
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiForbidden,
    IBMQAccountCredentialsInvalidUrl,
)
from tests.contract.targets import Target, Trait


@pytest.mark.live
def test_login_detects_the_dialect(target: Target) -> None:
    service = target.log_in()
    assert service.info.target == target.facts.dialect
    assert service.info.url == target.url


@pytest.mark.live
def test_wrong_token_is_refused(target: Target) -> None:
    with pytest.raises(ApiAuthError) as caught:
        target.log_in("not-the-token-of-anybody")
    status, code, operation = target.facts.wrong_token
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert (caught.value.operation, caught.value.method) == (operation, "POST")
    assert caught.value.trace_id
    assert "not-the-token-of-anybody" not in str(caught.value)


@pytest.mark.needs(Trait.CHECKED_URL)
@pytest.mark.strays("POST /nowhere/users/loginWithToken")
def test_url_without_a_service_is_refused(target: Target) -> None:
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="nowhere"):
        target.log_in(url=f"{target.url}/nowhere")


@pytest.mark.live
def test_instances_are_listed_default_first(target: Target) -> None:
    service = target.log_in()
    instances = service.instances()
    assert [record.is_default for record in instances] == [True] + [False] * (len(instances) - 1)
    assert [record.id for record in instances] == target.facts.instances
    assert service.instances() == instances  # requested once


def test_instance_has_capabilities(target: Target) -> None:
    account = target.account(target.facts.other)
    assert account.instance == target.facts.other
    assert account.info.url == target.url
    left_open = {Capability.STATUS_STREAM}
    assert account.capabilities - left_open == target.facts.capabilities - left_open


def test_instance_of_another_user_is_refused(target: Target) -> None:
    with pytest.raises(ApiForbidden) as caught:
        target.account(target.facts.foreign_instance).backends()
    assert (caught.value.status_code, caught.value.code) == target.facts.forbidden


@pytest.mark.service
def test_expired_token_is_renewed(target: Target) -> None:
    account = target.account()
    assert account.status(target.facts.device).operational
    target.advance_clock(target.facts.token_lifetime_seconds + 1)
    assert account.status(target.facts.device).operational
