"""Signed bearer tokens, issued for API keys."""

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
    """A new token; times are in seconds since 1970."""

    access_token: str = field(repr=False)
    user_id: str
    issued: int
    expires: int


class Tokens:
    """Issuer of bearer tokens.

    Tokens are JSON Web Tokens signed with the secret of the database, so that all servers with the
    same database accept them.

    Args:
        store: the database.
        clock: the clock of the service.
        accounts: the users with their API keys.
        ttl_seconds: lifetime of a token.
    """

    def __init__(self, store: Store, clock: Clock, accounts: Accounts, ttl_seconds: int) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self.ttl_seconds = ttl_seconds
        self._valid_from_ms = 0
        self._revoked: set[str] = set()

    def exchange(self, api_key: str) -> IssuedToken:
        """Issue a token for the user of an API key.

        Raises:
            UnknownToken: no user has this key.
            LicenseNotAccepted: the user has not accepted the licence.
            ClassEnded: the last day of the class is over.
        """
        user_id = self._accounts.identify(api_key)
        now = milliseconds(self._clock.now())
        issued, expires = now // 1000, now // 1000 + self.ttl_seconds
        claims = {
            "iam_id": f"IBMid-{user_id}",
            "sub": user_id,
            "stamp": self._accounts.stamp(user_id),
            "account": {"valid": True, "bss": ACCOUNT_ID},
            "iss": "https://iam.cloud.ibm.com/identity",
            "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
            "scope": "ibm openid",
            "iat": issued,
            "exp": expires,
            "iat_ms": now,
            "jti": secrets.token_hex(16),
        }
        head = {"alg": "HS256", "typ": "JWT", "kid": "emulator"}
        signed = f"{_encode_json(head)}.{_encode_json(claims)}"
        return IssuedToken(f"{signed}.{self._signature(signed)}", user_id, issued, expires)

    def authenticate(self, header: str | None) -> Account:
        """Return the user of an ``Authorization`` header: ``Bearer <token>`` or ``apikey <key>``.

        Raises:
            PlatformError: 401, the token is missing or invalid.
            UnknownToken: no user has this key.
            LicenseNotAccepted: the user has not accepted the licence.
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
        """Revoke all tokens issued so far, in memory only."""
        self._valid_from_ms = milliseconds(self._clock.now()) + 1

    def revoke(self, header: str) -> None:
        """Revoke the token in an ``Authorization`` header, in memory only.

        An API key is not a token; it stays valid.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer":
            self._revoked.add(token.strip())

    def shifted(self, token: str, seconds: int) -> str:
        """Return the token as issued by a service whose clock is ``seconds`` ahead.

        It expires together with the original; only the times that a client reads in it differ.
        """
        head, claims, _ = token.split(".")
        payload = json.loads(_decode(claims))
        payload["iat"] += seconds
        payload["exp"] += seconds
        payload["clock_ahead"] = payload.get("clock_ahead", 0) + seconds
        signed = f"{head}.{_encode_json(payload)}"
        return f"{signed}.{self._signature(signed)}"

    def _subject(self, token: str) -> str:
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            raise errors.unauthorized()
        claims = json.loads(_decode(signed.rpartition(".")[2]))
        now = milliseconds(self._clock.now())
        expires = claims["exp"] - claims.get("clock_ahead", 0)
        expired = expires * 1000 <= now or claims["iat_ms"] < self._valid_from_ms
        user_id = str(claims["sub"])
        replaced = claims.get("stamp") != self._accounts.stamp(user_id)
        if expired or replaced or token in self._revoked:
            raise errors.unauthorized()
        return user_id

    def _signature(self, signed: str) -> str:
        return _encode(bytes.fromhex(self._store.keyed_digest("bearer token", signed)))


def is_api_key(header: str | None) -> bool:
    """Return whether an ``Authorization`` header contains an API key instead of a token."""
    return (header or "").partition(" ")[0].lower() == "apikey"


def _encode_json(content: dict[str, Any]) -> str:
    return _encode(json.dumps(content, separators=(",", ":")).encode())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
