"""Handlers for API versions, instances, usage and plans."""

# All handlers have the same parameters.
# ruff: noqa: ARG001

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.core.clock import wire_time
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.versions import FIRST_OF_2026, VERSIONS
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import USAGE_PERIOD_SECONDS, ServiceInstance
from ibmq_backend.emulator.platform.state.runs import usage_limit
from ibmq_backend.emulator.platform.state.sessions import INTERACTIVE_SECONDS
from ibmq_backend.emulator.platform.state.state import PlatformState


def get_versions(state: PlatformState, request: Request) -> Reply:
    """Handle ``getVersions``: return strings for versions up to 2025, otherwise objects."""
    header = request.headers.get("ibm-api-version")
    if header is not None and header == request.version and header < FIRST_OF_2026:
        return Reply({"versions": [version.name for version in VERSIONS]})
    listed: list[dict[str, Any]] = []
    for version in VERSIONS:
        entry = {"version": version.name, "status": version.status}
        if version.sunset is not None:
            entry["sunset_date"] = version.sunset
        listed.append(entry)
    return Reply({"versions": listed})


def get_instance(state: PlatformState, request: Request) -> Reply:
    """Handle ``getInstance``; both numbers of seconds are strings, as in the real service."""
    instance = request.instance
    document: dict[str, Any] = {
        "backends": [device.name for device in state.list_devices(instance)],
        "plan_id": instance.plan.id,
    }
    if instance.usage_limit_seconds is not None:
        document["instance_limit"] = instance.usage_limit_seconds
        document["instance_limit_seconds"] = str(instance.usage_limit_seconds)
    if instance.plan.usage_seconds is not None:
        document["usage_allocation_seconds"] = str(instance.plan.usage_seconds)
    return Reply(document)


def get_instance_configuration(state: PlatformState, request: Request) -> Reply:
    """Handle ``getInstanceConfiguration``: return the limit that the owner has set."""
    return Reply({"instance_limit": request.instance.usage_limit_seconds})


def get_usage(state: PlatformState, request: Request) -> Reply:
    """Handle ``getUsage``: return the usage of the last 28 days."""
    instance, now = request.instance, state.service.jobs.now()
    consumed = state.runs.consumed_ms(instance, now) / 1000
    document: dict[str, Any] = {
        "instance_id": instance.crn,
        "plan_id": instance.plan.id,
        "usage_consumed_seconds": consumed,
        "usage_period": {
            "start_time": wire_time(now - USAGE_PERIOD_SECONDS * 1000),
            "end_time": wire_time(now),
        },
    }
    if instance.plan.usage_seconds is not None:
        document["usage_allocation_seconds"] = instance.plan.usage_seconds
    limit = usage_limit(instance)
    if limit is not None:
        document["usage_limit_seconds"] = limit
        document["usage_limit_reached"] = consumed >= limit
    return Reply(document)


def get_account_configuration(state: PlatformState, request: Request) -> Reply:
    """Handle ``getAccountConfiguration``: return the plans of the account's instances.

    Raises:
        PlatformError: 404, the account does not own the instance.
    """
    account_id = request.path["account_id"]
    if account_id != request.instance.account_id:
        raise errors.account_not_found(account_id)
    plan_id = request.text("plan_id")
    plans: dict[str, dict[str, Any]] = {}
    for instance in state.instances.visible(request.account):
        if plan_id in (None, instance.plan.id) and instance.account_id == account_id:
            plans.setdefault(instance.plan.id, _plan(state, instance))
    return Reply({"plans": list(plans.values())})


def _plan(state: PlatformState, instance: ServiceInstance) -> dict[str, Any]:
    plan = instance.plan
    document: dict[str, Any] = {
        "plan_id": plan.id,
        "backends": [device.name for device in state.list_devices(instance)],
        "max_ttl": plan.max_session_seconds,
        "active_ttl": plan.max_session_seconds,
        "interactive_ttl": INTERACTIVE_SECONDS,
        "subscription_id": plan.id,
        "subscription_name": plan.name,
    }
    if plan.usage_seconds is not None:
        document["usage_allocation_seconds"] = plan.usage_seconds
        document["usage_limit_seconds"] = plan.usage_seconds
        document["unallocated_usage_seconds"] = 0
    return document


HANDLERS: Final[dict[str, Handler]] = {
    "getVersions": get_versions,
    "getInstance": get_instance,
    "getInstanceConfiguration": get_instance_configuration,
    "getUsage": get_usage,
    "getAccountConfiguration": get_account_configuration,
}
