"""Today's dialect over HTTP: routes made from the route table, and what holds for all of them.

Paths start with ``/v1``, as behind ``https://quantum.cloud.ibm.com/api``; the services of the
account (tokens, search, catalog) have their own paths on the same port. The region of a request
is that of its address: a leading ``/eu-de`` of the path or ``eu-de.`` of the host, else us-east.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy.exc import OperationalError
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route as HttpRoute

from ibmq_backend.emulator._platform_routes import PLATFORM_ROUTES
from ibmq_backend.emulator._routes import Route
from ibmq_backend.emulator.accounts import Account
from ibmq_backend.emulator.errors import EmulatorError
from ibmq_backend.emulator.http_input import base_url, read_body
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.errors import PlatformError
from ibmq_backend.emulator.platform.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.platform.instances import DEFAULT_REGION, REGIONS, ServiceInstance
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.versions import selected_version
from ibmq_backend.emulator.world import World

_log: Final = logging.getLogger(__name__)

DIALECTS: Final = ("platform", "cloud")
_QUANTUM: Final = "platform"
_MAX_SMALL_BODY: Final = 1_000_000
_UNKNOWN_REGION: Final = re.compile(r"(/[a-z]{2}-[a-z]{2,4})/api/v1/")
# The real service has no host for such a region; here no instance of any CRN lives in it.
_CATALOG: Final = "/v1/{entry_id}"


def platform_routes(world: World, limiter: anyio.CapacityLimiter) -> list[HttpRoute]:
    """The routes of today's dialect, in matching order.

    Raises:
        EmulatorError: The handlers do not cover the route table exactly.
    """
    routes = [route for route in PLATFORM_ROUTES if route.dialect in DIALECTS]
    check_coverage(routes)
    bound = [
        HttpRoute(
            _local_path(route),
            _endpoint(world, route, HANDLERS.get(route.operation_id), limiter),
            methods=[route.method],
            name=route.operation_id,
        )
        for route in routes
    ]
    return sorted(bound, key=lambda one: [part.startswith("{") for part in one.path.split("/")])


def check_coverage(routes: list[Route]) -> None:
    """Check that handlers and exceptions make up the route table.

    Raises:
        EmulatorError: They do not.
    """
    described = {route.operation_id for route in routes}
    offered = set(HANDLERS) | NOT_EMULATED
    if described != offered or set(HANDLERS) & NOT_EMULATED:
        raise EmulatorError(
            f"without handler: {sorted(described - offered)}; "
            f"not described: {sorted(offered - described)}; "
            f"both: {sorted(set(HANDLERS) & NOT_EMULATED)}"
        )


def is_platform_path(path: str) -> bool:
    """Whether a path belongs to this dialect."""
    return path == "/v1" or path.startswith(("/v1/", "/identity/", "/v3/"))


def split_region(path: str) -> tuple[str, str]:
    """Split a leading region off a path.

    Returns:
        ``("/eu-de", "/api/v1/jobs")`` for ``/eu-de/api/v1/jobs``; without a region an empty text
        and the path.
        A region that does not exist is split off too, before a path of the quantum service.
    """
    for region in REGIONS:
        if path == f"/{region}" or path.startswith(f"/{region}/"):
            return f"/{region}", path.removeprefix(f"/{region}") or "/"
    if unknown := _UNKNOWN_REGION.match(path):
        return unknown[1], path.removeprefix(unknown[1])
    return "", path


def is_web_page(path: str) -> bool:
    """Whether a path of the real service leads to its web application instead: an empty id."""
    return path.startswith("/v1/") and path.endswith("/")


def web_page() -> Response:
    """What the real service answers there: no error, but no JSON either."""
    return HTMLResponse("<!doctype html><title>Quantum platform</title>")


def unknown_path(http: HttpRequest) -> Response:
    """The reply for a path, or a method on it, that is not described."""
    return _error_response(errors.no_such_path(http.method, http.url.path), errors.new_trace())


def _local_path(route: Route) -> str:
    path = route.path.removeprefix("/api")
    # Else every unknown path of the same shape would be a catalog entry.
    return "/v1/{entry_id:uuid}" if path == _CATALOG else path


def _endpoint(
    world: World, route: Route, handler: PlatformHandler | None, limiter: anyio.CapacityLimiter
) -> Callable[[HttpRequest], Any]:
    largest = world.settings.max_job_bytes if route.method == "POST" else _MAX_SMALL_BODY

    def work(http: HttpRequest, body: bytes) -> PlatformReply:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        account: Account | None = None
        instance: ServiceInstance | None = None
        region = _region(http)
        if route.authenticated:
            account = world.platform.tokens.authenticate(http.headers.get("authorization"))
            if route.dialect == _QUANTUM:
                crn = http.headers.get("service-crn")
                instance = world.platform.instances.find(crn, region, account)
        return handler(world, _request(route, http, body, region, account, instance))

    async def endpoint(http: HttpRequest) -> Response:
        trace = errors.new_trace()
        try:
            body = await read_body(http, largest)
            if body is None:
                raise errors.too_large(largest)
            reply = await anyio.to_thread.run_sync(work, http, body, limiter=limiter)
        except PlatformError as error:
            return _error_response(error, trace)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except OperationalError:
            _log.warning("the database does not answer", exc_info=True)
            return _error_response(errors.unavailable(), trace)
        except Exception:
            # A defect must look like the service's own, with the envelope clients can read.
            _log.exception("%s failed", route.operation_id)
            return _error_response(errors.internal(), trace)
        return _response(reply, route.success_status, trace)

    return endpoint


def _request(
    route: Route,
    http: HttpRequest,
    body: bytes,
    region: str,
    account: Account | None,
    instance: ServiceInstance | None,
) -> PlatformRequest:
    query: dict[str, list[str]] = {}
    for name, value in http.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return PlatformRequest(
        operation_id=route.operation_id,
        path={name: str(value) for name, value in http.path_params.items()},
        query=query,
        headers=dict(http.headers),
        body=body,
        base_url=base_url(http),
        region=region,
        version=selected_version(http.headers.get("ibm-api-version")),
        signed_in=account,
        named_instance=instance,
    )


def _region(http: HttpRequest) -> str:
    named = str(http.scope.get("ibmq.region") or "")
    if named:
        return named
    host = http.headers.get("host", "").removeprefix("private.")
    return next((one for one in REGIONS if host.startswith(f"{one}.")), DEFAULT_REGION)


def _response(reply: PlatformReply, success: int, trace: str) -> Response:
    status = reply.status or success
    headers = {"uber-trace-id": _trace_header(trace), **reply.headers}
    if status == 204:
        return Response(status_code=204, headers=headers)
    if isinstance(reply.content, bytes | str):
        usual = "text/plain" if isinstance(reply.content, str) else "application/json"
        return Response(reply.content, status, headers, reply.media_type or usual)
    return JSONResponse(reply.content, status, headers)


def _error_response(error: PlatformError, trace: str) -> Response:
    headers = {"uber-trace-id": _trace_header(trace), **error.headers}
    return JSONResponse(error.body(trace), error.status, headers)


def _trace_header(trace: str) -> str:
    plain = trace.replace("-", "")
    return f"{plain}:{plain[:16]}:0:1"
