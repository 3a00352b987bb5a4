"""Bearer tokens: made from API keys, signed, and holding for an hour."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from ibmq_backend.emulator.accounts.accounts import Account, Accounts
from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import ACCOUNT_ID
from ibmq_backend.emulator.store.database import Store


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What an exchange gives; times in seconds since 1970."""

    access_token: str = field(repr=False)
    issued: int
    expires: int


class Tokens:
    """Makes and checks bearer tokens.

    They are JSON Web Tokens signed with the secret of the database, so every server on the same
    database takes them.

    Args:
        store: the database.
        clock: the clock of the service.
        accounts: knows the API keys.
        ttl_seconds: how long a token holds.
    """

    def __init__(self, store: Store, clock: Clock, accounts: Accounts, ttl_seconds: int) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self.ttl_seconds = ttl_seconds
        self._valid_from_ms = 0
        self._revoked: set[str] = set()

    def exchange(self, api_key: str) -> IssuedToken:
        """Make a token for the user of an API key.

        Raises:
            UnknownToken: nobody has the key
            LicenseNotAccepted: its user has not accepted the licence
        """
        user_id = self._accounts.identify(api_key)
        now = milliseconds(self._clock.now())
        issued, expires = now // 1000, now // 1000 + self.ttl_seconds
        claims = {
            "iam_id": f"IBMid-{user_id}",
            "sub": user_id,
            "account": {"valid": True, "bss": ACCOUNT_ID},
            "iss": "https://iam.cloud.ibm.com/identity",
            "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
            "scope": "ibm openid",
            "iat": issued,
            "exp": expires,
            "iat_ms": now,
            "jti": secrets.token_hex(16),
        }
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'emulator'})}.{_part(claims)}"
        return IssuedToken(f"{signed}.{self._signature(signed)}", issued, expires)

    def authenticate(self, header: str | None) -> Account:
        """Return the user of an ``Authorization`` header: ``Bearer <token>`` or ``apikey <key>``.

        Raises:
            PlatformError: 401, it names nobody
            UnknownToken: nobody has the key
            LicenseNotAccepted: its user has not accepted the licence
        """
        scheme, _, credential = (header or "").partition(" ")
        credential = credential.strip()
        if is_api_key(header):
            user_id = self._accounts.identify(credential)
        elif scheme.lower() == "bearer":
            user_id = self._subject(credential)
        else:
            raise errors.unauthorized()
        account = self._accounts.account(user_id)
        if account is None:
            raise errors.unauthorized()
        return account

    def revoke_all(self) -> None:
        """Let no token hold that was made until now; kept in memory only."""
        self._valid_from_ms = milliseconds(self._clock.now()) + 1

    def revoke(self, header: str) -> None:
        """Let the token of an ``Authorization`` header hold no longer; kept in memory only.

        An API key is not a token, and stays good.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer":
            self._revoked.add(token.strip())

    def shifted(self, token: str, seconds: int) -> str:
        """Return the same token as a service makes it whose clock is ``seconds`` ahead.

        It holds exactly as long as the original; only what a client reads in it differs.
        """
        head, claims, _ = token.split(".")
        told = json.loads(_decoded(claims))
        told["iat"] += seconds
        told["exp"] += seconds
        told["clock_ahead"] = told.get("clock_ahead", 0) + seconds
        signed = f"{head}.{_part(told)}"
        return f"{signed}.{self._signature(signed)}"

    def _subject(self, token: str) -> str:
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise errors.unauthorized()
        claims = json.loads(_decoded(signed.rpartition(".")[2]))
        now = milliseconds(self._clock.now())
        expires = claims["exp"] - claims.get("clock_ahead", 0)
        lapsed = expires * 1000 <= now or claims["iat_ms"] < self._valid_from_ms
        if lapsed or token in self._revoked:
            raise errors.unauthorized()
        return str(claims["sub"])

    def _signature(self, signed: str) -> str:
        return _encoded(bytes.fromhex(self._store.keyed_digest("bearer token", signed)))


def is_api_key(header: str | None) -> bool:
    """Return whether an ``Authorization`` header holds an API key in place of a token."""
    return (header or "").partition(" ")[0].lower() == "apikey"


def _part(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
