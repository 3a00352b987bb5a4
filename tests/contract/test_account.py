"""Logging in, and what an account has."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import Capability
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiForbidden,
    IBMQAccountCredentialsInvalidUrl,
)
from ibmq_backend.records import InstanceId
from tests.contract.targets import DEVICE, OPEN, OTHER, Target

FORTNIGHT = 14 * 86_400


def test_login_tells_the_place(target: Target) -> None:
    service = target.log_in()
    assert service.info.place == "classic"
    assert service.info.url == target.url


def test_wrong_token_is_refused(target: Target) -> None:
    with pytest.raises(ApiAuthError) as caught:
        target.log_in("not-the-token-of-anybody")
    assert (caught.value.status_code, caught.value.code) == (401, 3446)
    assert (caught.value.operation, caught.value.method) == ("loginWithToken", "POST")
    assert caught.value.trace_id
    assert "not-the-token-of-anybody" not in str(caught.value)


@pytest.mark.strays("GET /nowhere/version")
def test_address_without_a_service_is_refused(target: Target) -> None:
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="nowhere"):
        target.log_in(url=f"{target.url}/nowhere")


def test_instances_are_listed_default_first(target: Target) -> None:
    service = target.log_in()
    instances = service.instances()
    assert [record.is_default for record in instances] == [True] + [False] * (len(instances) - 1)
    assert [record.id for record in instances] == [OPEN, OTHER]
    assert service.instances() == instances  # asked for once


def test_opened_instance_can_do_everything(target: Target) -> None:
    account = target.account(OTHER)
    assert account.instance == OTHER
    assert account.info.url == target.url
    assert account.capabilities >= set(Capability) - {Capability.STATUS_STREAM}


def test_instance_of_somebody_else_is_refused(target: Target) -> None:
    stranger = InstanceId("no/such/place", hub="no", group="such", project="place")
    with pytest.raises(ApiForbidden) as caught:
        target.account(stranger).backends()
    assert (caught.value.status_code, caught.value.code) == (403, 2911)


@pytest.mark.service
def test_lapsed_token_is_renewed_unseen(target: Target) -> None:
    account = target.account()
    assert account.status(DEVICE).operational
    target.advance(FORTNIGHT + 1)
    assert account.status(DEVICE).operational
