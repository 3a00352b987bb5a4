"""Handlers for the version, the login, the user and the hubs."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.documents.hubs import hub_documents
from ibmq_backend.emulator.classic.requests import Handler, Reply, Request
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core.clock import wire_time

SERVICE_VERSION: Final = "0.123.0"


def get_version(state: ClassicState, _request: Request) -> Reply:
    """Handle ``getVersion``.

    ``api-auth`` tells clients that the URL is a login URL.
    """
    versions = dict.fromkeys(("api-auth", "api-app", "api-jobs"), SERVICE_VERSION)
    return Reply({**versions, "emulator": state.service.announced_as})


def login_with_token(state: ClassicState, request: Request) -> Reply:
    """Handle ``loginWithToken``.

    ``emulator`` is an extension, as in ``getVersion``: it says that jobs do not run on hardware.

    Raises:
        ServiceError: 400/2403, the token is missing.
        UnknownToken: 401/3446, no user has this token.
        LicenseNotAccepted: 401/3452, the user has not accepted the licence.
        ClassEnded: 403/2409, the last day of the class is over.
    """
    api_token = request.json_object().get("apiToken")
    if not isinstance(api_token, str) or not api_token:
        raise errors.missing_data("The API token is missing.")
    login = state.service.accounts.login(api_token)
    return Reply(
        {
            "id": login.access_token,
            "ttl": login.ttl_seconds,
            "created": wire_time(login.created_ms),
            "userId": login.user_id,
            "emulator": state.service.announced_as,
        }
    )


def get_current_user(_state: ClassicState, request: Request) -> Reply:
    """Handle ``getCurrentUser``; the URLs are those that the client used."""
    account = request.account
    return Reply(
        {
            "id": account.user_id,
            "email": account.email,
            "username": account.email,
            "userType": "Standard",
            "firstName": account.name,
            "lastName": "",
            "roles": [],
            "ibmQNetwork": True,
            "qNetworkRoles": [],
            "servicesRoles": [],
            "canScheduleBackends": False,
            "applications": [],
            "emailVerified": True,
            "terms": {"accepted": True},
            "readOnly": False,
            "urls": {"http": request.base_url, "ws": request.websocket_url},
        }
    )


def list_hubs(state: ClassicState, request: Request) -> Reply:
    """Handle ``listHubs``."""
    limits = {
        device.name: state.job_limit(request.account, device) for device in state.service.catalog
    }
    projects = state.service.network.projects(request.account)
    return Reply(hub_documents(state.service.network, projects, limits))


HANDLERS: Final[dict[str, Handler]] = {
    "getVersion": get_version,
    "loginWithToken": login_with_token,
    "getCurrentUser": get_current_user,
    "listHubs": list_hubs,
}
