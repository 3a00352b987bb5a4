"""Finds all accounts and selects the one to use: the only place that knows their order.

The first usable account is used: arguments; the environment; then the accounts in the files of
``~/.qiskit``: the one that was chosen last, by saving it or with ``ibmq-backend account use``, our
own file, ``qiskitrc``, ``qiskit-ibm.json``. Accounts of services that were switched off are
skipped; a malformed file or variable stops the search. Without a usable account the local emulator
is used, unless ``IBMQ_BACKEND_LOCAL`` forbids it. The order of arguments and qiskitrc is
documented; the rest is our choice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from attrs import evolve, field, frozen

from ibmq_backend._secrets.redact import redact
from ibmq_backend.credentials import environ as environment
from ibmq_backend.credentials.files import shown
from ibmq_backend.credentials.hosts import (
    CHANNEL_URLS,
    CLASSIC_URL,
    PLATFORM_URL,
    display_instance,
    display_url,
    is_retired,
)
from ibmq_backend.credentials.hub_group_project import STORED_FORMAT, HubGroupProject
from ibmq_backend.credentials.model import Credentials, unquoted
from ibmq_backend.credentials.official import official_path, read_official_accounts
from ibmq_backend.credentials.qiskitrc import (
    MAIN_SECTION,
    qiskitrc_path,
    read_qiskitrc,
    several_accounts,
)
from ibmq_backend.credentials.saved import read_choice, read_saved_account, saved_account_path
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
)

Target = Literal["local", "remote"]

ARGUMENTS: Final = "arguments"
NOTHING: Final = "nothing"

SAVED: Final = "ibmq_backend"
QISKITRC: Final = "qiskitrc"
OFFICIAL: Final = "qiskit-ibm"

HOW_TO_CONNECT: Final = (
    "To use IBM Quantum Platform instead, save its account with "
    "IBMQ.save_account(api_key, instance=<CRN or name>, overwrite=True), or set QISKIT_IBM_TOKEN; "
    "for another server IBMQ.save_account(token, url, overwrite=True), or QE_TOKEN and QE_URL."
)


@frozen
class FoundAccount:
    """An account in the environment or in a file of ``~/.qiskit``.

    Attributes:
        name: unique name, for ``ibmq-backend account use`` and ``delete``: that of a variable or
            file, followed by that of the account in a file with several, such as ``QE_TOKEN``,
            ``qiskitrc`` or ``qiskit-ibm/NAME``.
        source: variables or file, for messages.
        credentials: the account; ``None`` if it is incomplete or malformed.
        problem: sentence that says why the account cannot be used; ``None`` if it can.
        error: error of ``IBMQ.load_account()`` if it gets to this account; ``None`` if there is
            none.
        used: whether ``IBMQ.load_account()`` uses the account.
        why: sentence that says why the account is used or not, without secrets.
    """

    name: str
    source: str
    credentials: Credentials | None
    problem: str | None = None
    error: IBMQAccountError | None = field(default=None, repr=False)
    used: bool = False
    why: str = ""

    @property
    def usable(self) -> bool:
        """Whether the account is used if no other one comes first."""
        return self.credentials is not None and self.problem is None

    @property
    def is_retired(self) -> bool:
        """Whether the account is for a service that was switched off."""
        return self.credentials is not None and self.credentials.is_retired

    @property
    def is_stored(self) -> bool:
        """Whether the account is in a file."""
        return self.kind in (SAVED, QISKITRC, OFFICIAL)

    @property
    def kind(self) -> str:
        """The first part of the name: the variable or file."""
        return self.name.partition("/")[0]

    def to_json(self) -> dict[str, Any]:
        """Return what the command line shows of the account, without secrets."""
        account = self.credentials
        instance = account.instance_text() if account else None
        return {
            "name": self.name,
            "source": self.source,
            "dialect": account.dialect if account else None,
            "service": redact(display_url(account.base_url)) if account else None,
            "instance": redact(display_instance(instance)) if instance else None,
            "usable": self.usable,
            "used": self.used,
            "why": redact(self.why),
        }


@frozen
class Discovery:
    """The selected account.

    Attributes:
        credentials: account to log in with; ``None`` for the local emulator.
        source: source of the account or of the decision, for messages: ``arguments``, names of
            environment variables, a file, or ``nothing``.
        target: ``local`` for the local emulator or ``remote`` for a service.
        reason: explains to the user why the local emulator is used and how to change that, without
            secrets; ``None`` for a remote service.
        wanted: hub, group and project of an account that cannot be used; the local emulator opens
            them instead. ``None`` if there is no such account or it does not specify them.
    """

    credentials: Credentials | None
    source: str
    target: Target
    reason: str | None = None
    wanted: HubGroupProject | None = None


def find_accounts(environ: Mapping[str, str] | None = None) -> tuple[FoundAccount, ...]:
    """Return all accounts in the environment and in the files of ``~/.qiskit``, in their order.

    No request is sent. A malformed file or variable is an account with an error.

    Args:
        environ: replaces the environment variables.

    Raises:
        IBMQAccountCredentialsInvalidFormat: ``IBMQ_BACKEND_LOCAL`` has an invalid value.
    """
    variables = os.environ if environ is None else environ
    found = (*_in_environment(variables), *stored_accounts(variables))
    if environment.local_choice(variables) == "always":
        forced = f"{environment.LOCAL_VARIABLE} is set to always."
        return tuple(evolve(each, why=each.problem or forced) for each in found)
    first = next((each for each in found if each.usable or _stops(each)), None)
    return tuple(_explained(each, first) for each in found)


def stored_accounts(
    environ: Mapping[str, str] | None = None, *, with_choice: bool = True
) -> tuple[FoundAccount, ...]:
    """Return the accounts in files, in their order, without ``used`` and ``why``.

    Args:
        environ: replaces the environment variables.
        with_choice: whether the account that was chosen last comes first.
    """
    found = [*_in_our_file(), *_in_qiskitrc(), *_in_official_file(environ)]
    choice = read_choice() if with_choice else None
    chosen = next((each for each in found if each.name == choice), None)
    if chosen is None or chosen.credentials is None or chosen.is_retired:
        return tuple(found)
    found.remove(chosen)
    return (evolve(chosen, problem=None, error=None), *found)


def select(found: Iterable[FoundAccount]) -> FoundAccount | None:
    """Return the first usable account, or else the first of a service that was switched off.

    Raises:
        IBMQAccountError: a malformed file or variable comes before a usable account.
    """
    retired: FoundAccount | None = None
    for each in found:
        if _stops(each):
            assert each.error is not None
            raise each.error
        if each.usable:
            return each
        if retired is None and each.is_retired:
            retired = each
    return retired


def discover(
    token: str | None = None,
    url: str | None = None,
    *,
    hub: str | None = None,
    group: str | None = None,
    project: str | None = None,
    instance: str | None = None,
    channel: str | None = None,
    environ: Mapping[str, str] | None = None,
    **others: Any,
) -> Discovery:
    """Return the account to use, or the reason why there is none.

    If a token or a URL is given, all arguments but ``environ`` are those of :class:`Credentials`;
    otherwise the account is selected from :func:`find_accounts`. ``environ`` replaces the
    environment variables.

    Raises:
        IBMQAccountCredentialsNotFound: there is no account and ``IBMQ_BACKEND_LOCAL=never``.
        IBMQAccountError: there are only accounts that cannot be used, and
            ``IBMQ_BACKEND_LOCAL=never``.
        IBMQAccountMultipleCredentialsFound: the qiskitrc file contains several usable accounts.
        IBMQAccountCredentialsInvalidFormat: a file or environment variable is malformed.
        IBMQAccountCredentialsInvalidToken: a token is empty or not valid.
        IBMQAccountCredentialsInvalidUrl: a URL is not an http(s) URL.
        IBMQAccountValueError: another argument has the wrong type or form.
    """
    variables = os.environ if environ is None else environ
    choice = environment.local_choice(variables)
    given = None
    if token is not None or url is not None:
        address = default_url(url, instance, channel)
        if choice != "never" and is_blanked(token, address):
            instead = select(find_accounts(variables)) if choice == "auto" else None
            if instead is not None and instead.usable:
                raise IBMQAccountCredentialsInvalidToken(
                    "token is empty. To use the account in "
                    f"{instead.source}, write IBMQ.load_account()."
                )
            return Discovery(None, ARGUMENTS, "local", f"The token is empty. {HOW_TO_CONNECT}")
        given = Credentials(
            token,
            address,
            hub=hub,
            group=group,
            project=project,
            instance=instance,
            channel=channel,
            **others,
        )
    if choice == "always":
        variable = environment.LOCAL_VARIABLE
        return Discovery(None, variable, "local", f"{variable} is set to always.")
    selected = (
        select(find_accounts(variables)) if given is None else _account(ARGUMENTS, ARGUMENTS, given)
    )
    if selected is not None and selected.usable:
        return Discovery(selected.credentials, selected.source, "remote")
    if choice == "never":
        raise _refusal(selected, variables)
    if selected is None:
        return Discovery(None, NOTHING, "local", f"{_nothing(variables)} {HOW_TO_CONNECT}")
    assert selected.credentials is not None
    own = selected.credentials.unique_id() if selected.credentials.is_ibmq() else None
    wanted = selected.credentials.default_provider or own
    reason = f"{selected.problem} {HOW_TO_CONNECT}"
    return Discovery(None, selected.source, "local", reason, wanted)


def default_url(url: str | None, instance: str | None, channel: str | None = None) -> str:
    """Return the URL to use for an account.

    Args:
        url: URL of the account; ``None`` or the documented default to choose it.
        instance: cloud instance of the account, which implies IBM Quantum Platform unless it has
            the form ``hub/group/project``.
        channel: channel of the account, which implies its own URL.
    """
    if url is not None and url != CLASSIC_URL:
        return url
    if channel in CHANNEL_URLS:
        return CHANNEL_URLS[channel]
    is_cloud = isinstance(instance, str) and not STORED_FORMAT.fullmatch(instance.strip())
    return PLATFORM_URL if is_cloud else CLASSIC_URL


def is_blanked(token: object, url: object) -> bool:
    """Return whether an account is that of a published program whose author removed the token.

    The token is ``None`` if the program reads it from a variable or file of its author.
    """
    if token is not None and (not isinstance(token, str) or unquoted(token).strip("\"'")):
        return False
    return isinstance(url, str) and (is_retired(url) or not url.strip())


def uses_local() -> bool:
    """Return whether ``IBMQ.load_account()`` uses the local emulator."""
    try:
        return discover().target == "local"
    except IBMQAccountError:
        return False


def _in_environment(variables: Mapping[str, str]) -> Iterator[FoundAccount]:
    for name, source, read in (
        ("QE_TOKEN", "QE_TOKEN and QE_URL", environment.classic_credentials),
        ("QISKIT_IBM_TOKEN", "QISKIT_IBM_TOKEN", environment.platform_credentials),
    ):
        try:
            credentials = read(variables)
        except IBMQAccountError as error:
            yield _malformed(name, source, error)
            continue
        if credentials is not None:
            yield _account(name, source, credentials)
        elif missing := environment.missing_variable(name, variables):
            yield FoundAccount(name, source, None, missing)


def _in_our_file() -> Iterator[FoundAccount]:
    source = shown(saved_account_path())
    try:
        credentials = read_saved_account()
    except IBMQAccountError as error:
        yield _malformed(SAVED, source, error)
    else:
        if credentials is not None:
            yield _account(SAVED, source, credentials)


def _in_qiskitrc() -> Iterator[FoundAccount]:
    path = qiskitrc_path()
    source = shown(path)
    try:
        stored = read_qiskitrc(path)
    except IBMQAccountError as error:
        yield _malformed(QISKITRC, source, error)
        return
    for section, credentials in stored.items():
        name = QISKITRC if section == MAIN_SECTION else f"{QISKITRC}/{section}"
        one = _account(name, source, credentials)
        if len(stored) > 1:
            several = several_accounts(path, stored)
            one = evolve(one, problem=one.problem or several.message, error=several)
        yield one


def _in_official_file(variables: Mapping[str, str] | None) -> Iterator[FoundAccount]:
    source = shown(official_path())
    try:
        default, readers = read_official_accounts(environ=variables)
    except IBMQAccountError as error:
        yield _malformed(OFFICIAL, source, error)
        return
    for entry in sorted(readers, key=lambda each: each != default):
        name = f"{OFFICIAL}/{entry}"
        yield _official(name, source, readers[entry], is_default=entry == default)


def _official(
    name: str, source: str, read: Callable[[], Credentials], *, is_default: bool
) -> FoundAccount:
    try:
        one = _account(name, source, read())
    except IBMQAccountError as error:
        one = _malformed(name, source, error)
        return one if is_default else evolve(one, error=None)
    if is_default or one.problem:
        return one
    return evolve(
        one,
        problem="It is not the default account of its file; "
        f"`ibmq-backend account use {name}` chooses it.",
    )


def _account(name: str, source: str, credentials: Credentials) -> FoundAccount:
    where = "given as arguments" if source == ARGUMENTS else f"in {source}"
    problem = (
        f"The account {where} is for {display_url(credentials.base_url)}, "
        "a service that IBM switched off."
        if credentials.is_retired
        else None
    )
    return FoundAccount(name, source, credentials, problem)


def _malformed(name: str, source: str, error: IBMQAccountError) -> FoundAccount:
    return FoundAccount(name, source, None, error.message, error.with_traceback(None))


def _stops(found: FoundAccount) -> bool:
    """Return whether the search ends at this account with its error."""
    return found.error is not None and not found.is_retired


def _explained(found: FoundAccount, first: FoundAccount | None) -> FoundAccount:
    if found.problem is not None:
        return evolve(found, why=found.problem)
    if found is first:
        return evolve(found, used=True, why="IBMQ.load_account() uses it.")
    assert first is not None  # an account without a problem is usable
    if _stops(first):
        return evolve(found, why=f"{first.source} comes first and cannot be used.")
    return evolve(found, why=f"The account in {first.source} comes first.")


def _nothing(variables: Mapping[str, str]) -> str:
    if missing := environment.missing_variable("QE_TOKEN", variables):
        return f"No account was found ({missing.removesuffix('.')})."
    return "No account was found in the environment or in ~/.qiskit."


def _refusal(unusable: FoundAccount | None, variables: Mapping[str, str]) -> IBMQAccountError:
    forbidden = f"{environment.LOCAL_VARIABLE}=never forbids the local emulator."
    if unusable is None:
        return IBMQAccountCredentialsNotFound(f"{_nothing(variables)} {forbidden} {HOW_TO_CONNECT}")
    return IBMQAccountError(f"{unusable.problem} {forbidden} {HOW_TO_CONNECT}")
