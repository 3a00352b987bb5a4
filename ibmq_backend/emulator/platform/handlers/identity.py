"""Handlers for the account services: tokens, instance search and plans."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import USAGE_PERIOD_SECONDS, ServiceInstance
from ibmq_backend.emulator.platform.state.state import PlatformState

GRANT_TYPE: Final = "urn:ibm:params:oauth:grant-type:apikey"
_SERVICE: Final = "service_name:quantum-computing"
_DEFAULT_PAGE_SIZE: Final = 100
_CURSOR: Final = re.compile(r"[0-9]{1,9}")


def exchange_token(state: PlatformState, request: Request) -> Reply:
    """Handle ``exchangeToken``: exchange an API key for a bearer token.

    ``emulator`` is an extension: it says that jobs do not run on hardware.

    Raises:
        IdentityError: 400, the form is incomplete or the key is unknown.
    """
    try:
        form = parse_qs(request.body.read().decode("ascii"), keep_blank_values=True)
    except UnicodeDecodeError as error:
        raise errors.IdentityError(400, "BXNIM0109E", "The form cannot be read.") from error
    fields = {name: values[-1] for name, values in form.items()}
    if fields.get("grant_type") != GRANT_TYPE:
        raise errors.IdentityError(400, "BXNIM0109E", "The grant type is missing or not supported.")
    if not fields.get("apikey"):
        raise errors.IdentityError(400, "BXNIM0109E", "The API key is missing.")
    token = state.tokens.exchange(fields["apikey"])
    return Reply(
        {
            "access_token": token.access_token,
            "refresh_token": "not_supported",
            "token_type": "Bearer",
            "expires_in": token.expires - token.issued,
            "expiration": token.expires,
            "scope": "ibm openid",
            "emulator": state.service.announced_as,
        },
        user_id=token.user_id,
    )


def search_instances(state: PlatformState, request: Request) -> Reply:
    """Handle ``searchInstances``: return a page of the user's instances.

    Raises:
        PlatformError: 400, the body or the cursor is not valid.
    """
    body = request.json_object()
    query = body.get("query")
    if not isinstance(query, str) or not query:
        raise errors.invalid("'query' must be a string.")
    limit = request.number("limit", _DEFAULT_PAGE_SIZE, 1, 1000)
    found = state.instances.visible(request.account) if _SERVICE in query else []
    cursor = body.get("search_cursor") or "0"
    if not isinstance(cursor, str) or not _CURSOR.fullmatch(cursor):
        raise errors.invalid("'search_cursor' is not valid.")
    start = int(cursor)
    page = found[start : start + limit]
    reply: dict[str, Any] = {"items": [_search_item(one) for one in page], "limit": limit}
    if start + limit < len(found):
        reply["search_cursor"] = str(start + limit)
    return Reply(reply)


def get_catalog_entry(state: PlatformState, request: Request) -> Reply:
    """Handle ``getCatalogEntry``: return the plan with this id.

    Raises:
        PlatformError: 404, no instance has this plan.
    """
    plan = state.instances.plan(request.path["entry_id"])
    if plan is None:
        raise errors.no_such_path("GET", f"/api/v1/{request.path['entry_id']}")
    return Reply(
        {
            "id": plan.id,
            "name": plan.name,
            "kind": "plan",
            "active": True,
            "overview_ui": {
                "en": {
                    "display_name": plan.name.title(),
                    "description": "A plan of an emulated service.",
                }
            },
            "metadata": {"pricing": {"type": plan.pricing}},
        }
    )


def _search_item(instance: ServiceInstance) -> dict[str, Any]:
    extensions: dict[str, Any] = {"backends": list(instance.devices or ("ANY",))}
    if instance.usage_limit_seconds is not None:
        extensions["instance_limit_seconds"] = instance.usage_limit_seconds
    if instance.plan.usage_seconds is not None:
        extensions["usage_allocation_seconds"] = instance.plan.usage_seconds
        extensions["usage_period_seconds"] = USAGE_PERIOD_SECONDS
    return {
        "crn": instance.crn,
        "name": instance.name,
        "service_plan_unique_id": instance.plan.id,
        "tags": list(instance.tags),
        "doc": {"extensions": extensions},
    }


HANDLERS: Final[dict[str, Handler]] = {
    "exchangeToken": exchange_token,
    "searchInstances": search_instances,
    "getCatalogEntry": get_catalog_entry,
}
