"""The access token and the base URL of a request."""

from __future__ import annotations

from starlette.requests import HTTPConnection


def access_token(connection: HTTPConnection) -> str | None:
    """Return the access token of a request: from the header, or as in 2018 from the query."""
    return connection.headers.get("x-access-token") or connection.query_params.get("access_token")


def base_url(connection: HTTPConnection) -> str:
    """Return the base URL that the client used, without a trailing slash."""
    scope = connection.scope
    host = connection.headers.get("host")
    if not host:
        name, port = scope.get("server") or ("127.0.0.1", None)
        host = name if port is None else f"{name}:{port}"
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return f"{scheme}://{host}{scope.get('ibmq.prefix', '')}"
