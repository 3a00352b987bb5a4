"""Which account, and therefore which place: here on this machine, or a server.

Looked at in this order, the first usable account wins: arguments, environment, our saved account,
``~/.qiskit/qiskitrc``, ``~/.qiskit/qiskit-ibm.json``. Accounts of services that were switched off
are passed over. When nothing usable is left the place is the local emulator, unless
``IBMQ_BACKEND_LOCAL`` forbids it. Our choice; the order of the first and the fourth is documented.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from attrs import frozen

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.credentials import environ as environment
from ibmq_backend.credentials.files import shown
from ibmq_backend.credentials.hosts import (
    CHANNEL_URLS,
    CLASSIC_URL,
    PLATFORM_URL,
    display_url,
)
from ibmq_backend.credentials.hub_group_project import STORED_FORMAT, HubGroupProject
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.credentials.official import official_path, read_official_account
from ibmq_backend.credentials.saved import read_saved_account, saved_account_path
from ibmq_backend.credentials.store import qiskitrc_path, read_qiskitrc, several_accounts
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
)

logger = get_logger(__name__)

Place = Literal["local", "remote"]

ARGUMENTS: Final = "arguments"
NOTHING: Final = "nothing"

HOW_TO_CONNECT: Final = (
    "To use IBM Quantum Platform instead, save its account with "
    "IBMQ.save_account(api_key, instance=<CRN or name>, overwrite=True), or set QISKIT_IBM_TOKEN; "
    "for another server IBMQ.save_account(token, url, overwrite=True), or QE_TOKEN and QE_URL."
)


@frozen
class Discovery:
    """What was found.

    Attributes:
        credentials: the account to log in with; ``None`` when the place is local.
        source: where it, or what decided, was found, as it may be shown: ``arguments``, names of
            environment variables, a file, or ``nothing``.
        place: ``local`` or ``remote``.
        reason: one sentence for the user saying why the place is local and how to change that;
            ``None`` when it is remote. It names no secret.
        wanted: hub, group and project that an account asks for which cannot be used itself; the
            local service opens them instead. ``None`` where none were asked for.
    """

    credentials: Credentials | None
    source: str
    place: Place
    reason: str | None = None
    wanted: HubGroupProject | None = None


def discover(
    token: str | None = None,
    url: str | None = None,
    *,
    hub: str | None = None,
    group: str | None = None,
    project: str | None = None,
    instance: str | None = None,
    channel: str | None = None,
    proxies: Mapping[str, Any] | None = None,
    verify: bool = True,
    environ: Mapping[str, str] | None = None,
    qiskitrc: str | Path | None = None,
    saved_account: str | Path | None = None,
    official: str | Path | None = None,
) -> Discovery:
    """Find the account to use and say where it leads.

    Args:
        token: token given by the caller; with ``None`` the other sources are looked at.
        url: address that goes with it; ``None`` = the documented default. With an instance, both
            mean today's service.
        hub: hub that goes with it.
        group: group that goes with it.
        project: project that goes with it.
        instance: cloud instance that goes with it.
        channel: channel that goes with it, as IBM's own client names them.
        proxies: proxies that go with it.
        verify: whether TLS certificates are checked, goes with it.
        environ: the environment; ``None`` = that of the process.
        qiskitrc: file to read in place of ``~/.qiskit/qiskitrc``.
        saved_account: file to read in place of ``~/.qiskit/ibmq_backend.json``.
        official: file to read in place of ``~/.qiskit/qiskit-ibm.json``.

    Raises:
        IBMQAccountCredentialsNotFound: nothing was found and ``IBMQ_BACKEND_LOCAL=never``.
        IBMQAccountError: only accounts that cannot be used were found, and
            ``IBMQ_BACKEND_LOCAL=never``.
        IBMQAccountMultipleCredentialsFound: the qiskitrc file holds several usable accounts.
        IBMQAccountCredentialsInvalidFormat: a file, or a variable, cannot be understood.
        IBMQAccountCredentialsInvalidToken: a token is empty or cannot be one.
        IBMQAccountCredentialsInvalidUrl: an address is not an http(s) address.
        IBMQAccountValueError: another argument has the wrong type or form.
    """
    variables = os.environ if environ is None else environ
    choice = environment.local_choice(variables)
    given = None
    if token is not None or url is not None:
        given = Credentials(
            token,
            default_url(url, instance, channel),
            hub=hub,
            group=group,
            project=project,
            proxies=proxies,
            verify=verify,
            instance=instance,
            channel=channel,
        )
    if choice == "always":
        variable = environment.LOCAL_VARIABLE
        return Discovery(None, variable, "local", f"{variable} is set to always.")
    if given is not None:
        found: Iterator[tuple[str, Credentials]] = iter(((ARGUMENTS, given),))
    else:
        found = _accounts(variables, qiskitrc, saved_account, official)
    unusable: tuple[str, str] | None = None
    wanted: HubGroupProject | None = None
    for source, credentials in found:
        problem = _problem(credentials, source)
        if problem is None:
            return Discovery(credentials, source, "remote")
        if unusable is None:
            unusable = source, problem
            own = credentials.unique_id() if credentials.is_ibmq() else None
            wanted = credentials.default_provider or own
    if choice == "never":
        raise _refusal(unusable, variables)
    if unusable is None:
        return Discovery(None, NOTHING, "local", f"{_nothing(variables)} {HOW_TO_CONNECT}")
    source, problem = unusable
    return Discovery(None, source, "local", f"{problem} {HOW_TO_CONNECT}", wanted)


def default_url(url: str | None, instance: str | None, channel: str | None = None) -> str:
    """Return the address to use: with an instance, the documented default means today's service.

    With a channel it means the address of that channel.

    A text of the form ``hub/group/project`` is no instance of that kind.
    """
    if url is not None and url != CLASSIC_URL:
        return url
    if channel in CHANNEL_URLS:
        return CHANNEL_URLS[channel]
    is_cloud = isinstance(instance, str) and not STORED_FORMAT.fullmatch(instance.strip())
    return PLATFORM_URL if is_cloud else CLASSIC_URL


def _accounts(
    variables: Mapping[str, str],
    qiskitrc: str | Path | None,
    saved_account: str | Path | None,
    official: str | Path | None,
) -> Iterator[tuple[str, Credentials]]:
    """Sources in order, each read only when the ones before it held nothing usable."""
    if credentials := environment.classic_credentials(variables):
        yield "QE_TOKEN and QE_URL", credentials
    if credentials := environment.platform_credentials(variables):
        yield "QISKIT_IBM_TOKEN", credentials
    if credentials := read_saved_account(saved_account):
        yield shown(saved_account_path(saved_account)), credentials
    path = qiskitrc_path(qiskitrc)
    stored = read_qiskitrc(path)
    if len(stored) > 1 and not all(account.is_retired for account in stored.values()):
        raise several_accounts(path, stored)
    for credentials in stored.values():
        yield shown(path), credentials
    if credentials := read_official_account(official, variables):
        yield shown(official_path(official)), credentials


def _problem(credentials: Credentials, source: str) -> str | None:
    """Why the account cannot be used, as a sentence; ``None`` when it can."""
    where = "given as arguments" if source == ARGUMENTS else f"in {source}"
    if credentials.is_retired:
        return (
            f"The account {where} is for {display_url(credentials.base_url)}, "
            "a service that IBM has switched off."
        )
    return None


def _nothing(variables: Mapping[str, str]) -> str:
    missing = [name for name in ("QE_TOKEN", "QE_URL") if not variables.get(name, "").strip()]
    if len(missing) == 1:
        present = "QE_URL" if missing == ["QE_TOKEN"] else "QE_TOKEN"
        return f"No account was found ({present} is set, but {missing[0]} is not)."
    return "No account was found in the environment or in ~/.qiskit."


def _refusal(unusable: tuple[str, str] | None, variables: Mapping[str, str]) -> IBMQAccountError:
    forbidden = f"{environment.LOCAL_VARIABLE}=never forbids the local emulator."
    if unusable is None:
        return IBMQAccountCredentialsNotFound(f"{_nothing(variables)} {forbidden} {HOW_TO_CONNECT}")
    return IBMQAccountError(f"{unusable[1]} {forbidden} {HOW_TO_CONNECT}")
