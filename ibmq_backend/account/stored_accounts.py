"""The methods of ``IBMQ`` for the user's account file."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, Final

from ibmq_backend import credentials as stored
from ibmq_backend._errors.suggestions import methods_suggest_keywords, refuse_unknown
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.backend.emulation import notify_no_account
from ibmq_backend.credentials import CLASSIC_URL, Credentials, FoundAccount
from ibmq_backend.exceptions import IBMQAccountValueError

logger = get_logger(__name__)

_FILTERS: Final = ("region", "plans_preference", "tags")
_FURTHER_KEYWORDS: Final = ("instance", "crn", "channel", "proxies", "verify", *_FILTERS)


@methods_suggest_keywords
class StoredAccounts:
    """The methods of ``IBMQ`` for stored accounts, which contact no service."""

    @staticmethod
    def save_account(
        token: str,
        url: str = CLASSIC_URL,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        overwrite: bool = False,
        **kwargs: Any,
    ) -> None:
        """Store an account in ``~/.qiskit/qiskitrc``, readable by its owner only.

        Args:
            token: API token.
            url: login URL of the service.
            hub: hub of the default provider.
            group: group of the default provider.
            project: project of the default provider.
            overwrite: replace a stored account; otherwise a stored account is kept, with a logged
                warning.
            **kwargs: ``proxies``; ``verify``; ``instance`` (or ``crn``), or the ``channel``
                ``ibm_quantum_platform``, for an account of IBM Quantum Platform, which is stored in
                ``~/.qiskit/ibmq_backend.json``; ``region``, ``plans_preference`` (a list of names
                of plans) and ``tags`` (a list) to use the instances of such an account that they
                select instead of naming one.

        ``load_account()`` uses the account that was saved last, unless an environment variable sets
        one. A logged warning names an account that is replaced, or that is used instead. An account
        of a service that was switched off never comes before a usable one. With an empty token,
        nothing is saved for such a service, unless ``IBMQ_BACKEND_LOCAL`` is ``never``.

        Raises:
            IBMQAccountCredentialsInvalidToken: the token is not text, is empty, or is something
                else: an instance, a URL.
            IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.
            IBMQAccountValueError: only a part of hub, group and project is given.
            IBMQAccountError: the file cannot be written.
        """
        token, kwargs = hide(token), with_instance(kwargs, StoredAccounts.save_account)
        parts = (hub, group, project)
        if any(parts) and not all(parts):
            raise IBMQAccountValueError(
                "Only a part of hub, group and project is given. Specify all three, or none."
            )
        address = stored.default_url(url, kwargs.get("instance"), kwargs.get("channel"))
        if stored.is_blanked(token, address) and _kept_without_token():
            return
        default = stored.HubGroupProject(*parts) if all(parts) else None
        account = Credentials(token, address, default_provider=default, **kwargs)
        remark = stored.save_account(account, overwrite=overwrite)[1]
        if remark is not None:
            logger.warning(remark)

    @staticmethod
    def delete_account() -> None:
        """Delete the stored account, that of ``stored_account()``.

        An account in the file of IBM's current client is kept; the next one is deleted. A logged
        warning names the account that ``load_account()`` uses afterwards, if there is one.

        Raises:
            IBMQAccountCredentialsNotFound: no account is stored in the files of this package.
            IBMQAccountMultipleCredentialsFound: the file contains several accounts.
        """
        deleted = stored.delete_account()
        used = _used()
        if used is not None:
            logger.warning(
                "Deleted in %s. IBMQ.load_account() uses the account in %s.",
                deleted.source,
                used.source,
            )

    @staticmethod
    def stored_account() -> dict[str, Any]:
        """Return the account in a file that ``load_account()`` uses if no variable sets another.

        Returns:
            ``token``, ``url`` and, if one is stored, ``instance``: the CRN or name of an instance,
            or ``hub/group/project``; and as far as they are stored ``region``,
            ``plans_preference`` and ``tags``. Empty if no account is stored. A logged warning names
            a variable that sets another account.

        Raises:
            IBMQAccountMultipleCredentialsFound: the file contains several accounts.
        """
        account = stored.stored_account()
        if account is None:
            return {}
        used = _used()
        if used is not None and not used.is_stored:
            logger.warning("IBMQ.load_account() uses the account in %s instead.", used.source)
        return details_of(account, account.url)

    @staticmethod
    def update_account(force: bool = False) -> Credentials | None:
        """Merge the accounts of an old credentials file into one, and print the changes.

        Args:
            force: write without asking.

        Returns:
            The account that was written, or ``None`` if nothing was changed.

        Raises:
            IBMQAccountCredentialsInvalidFormat: the file cannot be read.
            IBMQAccountError: the accounts cannot be merged, or the file cannot be written.
        """

        def agreed(what: str) -> bool:
            print(what)  # noqa: T201  (documented to print)
            return force or input("Write it? [y/N] ").strip().lower() in ("y", "yes")

        return stored.merge_first_generation(agreed, print)


def _kept_without_token() -> bool:
    """Say that nothing is saved; return whether that is all, since another account is used."""
    if stored.uses_local():
        notify_no_account("The token is empty, so no account is saved.")
        return True
    used = None if stored.local_choice() == "never" else _used()
    if used is not None:
        logger.warning(
            "The token is empty, so no account is saved. "
            "IBMQ.load_account() uses the account in %s.",
            used.source,
        )
    return used is not None


def _used() -> FoundAccount | None:
    return next((each for each in stored.find_accounts() if each.used), None)


def details_of(account: Credentials, url: str) -> dict[str, Any]:
    """Return the account as documented: ``token``, ``url`` and, if it has one, ``instance``."""
    details = {"token": str(account.token), "url": url, **account.filters()}
    text = account.instance_text()
    return {**details, "instance": str(text)} if text else details


def with_instance(options: dict[str, Any], method: Callable[..., Any]) -> dict[str, Any]:
    """Return the options with ``crn`` as ``instance``, hidden in tracebacks.

    With a filter instead of an instance, ``channel`` is added: only IBM Quantum Platform has them.

    Args:
        options: keyword arguments for which the method has no parameter.
        method: the documented method, for errors.

    Raises:
        IBMQAccountValueError: both are given and differ.
        TypeError: a keyword is unknown.
    """
    known = [name for name in signature(method).parameters if name not in ("self", "kwargs")]
    refuse_unknown(options, [*known, *_FURTHER_KEYWORDS], f"{method.__qualname__}()")
    given = [hide(options[name]) for name in ("instance", "crn") if options.get(name) is not None]
    if len(set(given)) > 1:
        raise IBMQAccountValueError("instance and crn are both given. Use instance alone.")
    others = {name: value for name, value in options.items() if name not in ("instance", "crn")}
    if not given and any(options.get(name) for name in _FILTERS):
        others["channel"] = options.get("channel") or stored.DEFAULT_CHANNEL
    return {**others, "instance": given[0]} if given else others
