"""The stored accounts, in the file for their kind of service: save, choose, delete and merge them.

Our own file and qiskitrc are written; the file of IBM's current client is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from attrs import evolve

from ibmq_backend.credentials.discover import (
    OFFICIAL,
    QISKITRC,
    SAVED,
    FoundAccount,
    discover,
    find_accounts,
    select,
    stored_accounts,
)
from ibmq_backend.credentials.files import shown
from ibmq_backend.credentials.hosts import CLASSIC_URL, host_of, is_first_generation
from ibmq_backend.credentials.model import Credentials, is_cloud_key
from ibmq_backend.credentials.official import official_path
from ibmq_backend.credentials.qiskitrc import (
    MAIN_SECTION,
    qiskitrc_path,
    read_qiskitrc,
    remove_section,
    store_credentials,
)
from ibmq_backend.credentials.saved import (
    read_choice,
    remove_saved_account,
    saved_account_path,
    write_choice,
    write_saved_account,
)
from ibmq_backend.exceptions import IBMQAccountCredentialsNotFound, IBMQAccountError

HOW_TO_SAVE: Final = "IBMQ.save_account(API_KEY, instance='crn:...', overwrite=True)"


def stored_account() -> Credentials | None:
    """Return the account in a file that is used if no variable sets another; ``None`` if none is.

    Without a usable account, it is the first of a service that was switched off.

    Raises:
        IBMQAccountMultipleCredentialsFound: qiskitrc contains several accounts.
        IBMQAccountCredentialsInvalidFormat: a file is malformed.
    """
    account = _only(select(stored_accounts()))
    return None if account is None else account.credentials


def save_account(account: Credentials, *, overwrite: bool) -> tuple[bool, str | None]:
    """Store an account: of a classic service in qiskitrc, of the platform in our own file.

    The account becomes the one that is used, unless its service was switched off.

    Returns:
        Whether the account was saved: not if one is stored and ``overwrite`` is not set. And a
        sentence about the account that is kept, replaced or used instead; ``None`` if there is
        nothing to say.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the existing file is malformed.
        IBMQAccountError: the file cannot be written.
    """
    kind = SAVED if account.dialect == "platform" else QISKITRC
    before = stored_accounts()
    ours = [each for each in before if each.kind != OFFICIAL]
    same = [each for each in ours if each.kind == kind]
    kept = next(iter([*same, *(each for each in ours if each.usable)]), None)
    if kept is not None and not overwrite:
        if kept.credentials is None and kept.error is not None:
            raise kept.error
        effect = "replaces it" if same else "saves this one as well"
        return False, f"An account is already stored in {kept.source}; overwrite=True {effect}."
    if account.is_ibmq() and account.default_provider is None:  # the files have no other place
        account = evolve(account, default_provider=account.unique_id())
    if kind == SAVED:
        write_saved_account(account, overwrite=True)
    else:
        above = next((each for each in ours if each.kind == SAVED), None)
        if above is not None and above.error is not None:
            raise above.error
        store_credentials(account, overwrite=True)
        if not account.is_retired:
            write_choice(None if above is None else QISKITRC)
    return True, _remark(account, _source(kind), same, before)


def use_account(name: str) -> FoundAccount:
    """Make a stored account the one that is used if no variable sets another.

    Raises:
        IBMQAccountCredentialsNotFound: no stored account has this name.
        IBMQAccountError: the account cannot be used, or our own file cannot be written.
    """
    account = _named(name)
    if account.credentials is None or account.is_retired:
        raise account.error or IBMQAccountError(f"{account.problem}")
    try:
        first = select(stored_accounts(with_choice=False))
    except IBMQAccountError:
        first = None  # the choice comes before the file that is malformed
    write_choice(None if first is not None and first.name == name else name)
    return account


def delete_account(name: str | None = None) -> FoundAccount:
    """Delete a stored account and return it.

    Args:
        name: name of the account; ``None`` for that of :func:`stored_account`, or if that one is
            in the file of IBM's current client, for the next one that is not.

    Raises:
        IBMQAccountCredentialsNotFound: there is no account of this name, or none in the files
            of this package.
        IBMQAccountMultipleCredentialsFound: qiskitrc contains several accounts.
        IBMQAccountError: the file cannot be changed.
    """
    if name is None:
        found = stored_accounts()
        account = _only(select(each for each in found if each.kind != OFFICIAL))
        if account is None:
            raise _nothing_to_delete(found)
    else:
        account = _named(name)
        if account.kind == OFFICIAL:
            raise _of_official_client(account)
        if account.credentials is None:
            raise account.error or IBMQAccountError(f"{account.problem}")
    if account.kind == SAVED:
        remove_saved_account()
    else:
        remove_section(account.name.partition("/")[2] or MAIN_SECTION)
    if read_choice() == account.name:
        write_choice(None)
    return account


def describe_use() -> str:
    """Return a sentence that says what ``IBMQ.load_account()`` does now, without secrets."""
    try:
        found = discover()
    except IBMQAccountError as error:
        return f"IBMQ.load_account() fails: {error.message}"
    if found.credentials is None:
        return f"IBMQ.load_account() uses the local emulator: {found.reason}"
    return f"IBMQ.load_account() uses the account in {found.source}."


def merge_first_generation(
    agreed: Callable[[str], bool], show: Callable[[str], None]
) -> Credentials | None:
    """Merge the accounts of an old qiskitrc into one.

    Args:
        agreed: called with a sentence that describes the change; returns whether to write it.
        show: called with a sentence if nothing is changed, or if another account is used.

    Returns:
        The account that was written; ``None`` if nothing was changed.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file is malformed.
        IBMQAccountError: the accounts have different tokens, or the file cannot be written.
    """
    accounts = list(read_qiskitrc().values())
    if len(accounts) < 2 and not any(is_first_generation(each.base_url) for each in accounts):
        show("There is nothing to update in ~/.qiskit/qiskitrc.")
        return None
    tokens = {account.token for account in accounts}
    if len(tokens) > 1:
        raise IBMQAccountError(
            f"~/.qiskit/qiskitrc contains {len(tokens)} different tokens. Keep one of them with "
            "IBMQ.save_account(token, overwrite=True)."
        )
    urls = {account.base_url for account in accounts if not account.is_retired} or {CLASSIC_URL}
    if len(urls) > 1:
        raise IBMQAccountError(
            f"~/.qiskit/qiskitrc contains accounts of {len(urls)} services. Choose one with "
            "`ibmq-backend account use NAME`; `ibmq-backend account list` shows their names."
        )
    merged = Credentials(accounts[0].token, urls.pop(), verify=accounts[0].verify)
    if not agreed(f"{len(accounts)} stored account(s) become one, for {merged.url}."):
        show("Nothing was changed.")
        return None
    store_credentials(merged, overwrite=True)
    if (read_choice() or "").startswith(f"{QISKITRC}/"):
        write_choice(QISKITRC)
    if remark := _remark(merged, _source(QISKITRC), (), ()):
        show(remark)
    return merged


def _remark(
    account: Credentials,
    source: str,
    replaced: Iterable[FoundAccount],
    before: Iterable[FoundAccount],
) -> str | None:
    """Return what a user should know about an account that was just saved."""
    now = find_accounts()
    used = next((each for each in now if each.used), None)
    others = "" if used is None else f" IBMQ.load_account() uses the account in {used.source}."
    remarks = [
        f"The account for {each.credentials.label()} was replaced."
        for each in replaced
        if each.credentials is not None
        and each.usable
        and each.credentials.label() != account.label()
    ]
    if account.is_retired and (others or is_cloud_key(account.token)):
        lost = "".join(f" {each}" for each in remarks)
        return (
            f"Saved for {host_of(account.base_url)}, which was switched off.{lost}{others} "
            f"For IBM Quantum Platform write {HOW_TO_SAVE}."
        )
    if used is not None and used.source != source:
        return f"Saved in {source}.{others} Unset it to use the saved one."
    stop = next((each for each in now if each.error is not None and not each.is_retired), None)
    if used is None and stop is not None:
        return f"Saved in {source}, but IBMQ.load_account() fails: {stop.problem}"
    first = next((each for each in before if each.usable), None)
    if first is not None and first.source != source:
        remarks.append(f"Saved in {source}; it is used instead of the account in {first.source}.")
    return " ".join(remarks) or None


def _source(kind: str) -> str:
    return shown(saved_account_path() if kind == SAVED else qiskitrc_path())


def _only(account: FoundAccount | None) -> FoundAccount | None:
    """Return the account, unless its file contains several and none of them was chosen.

    Of several accounts of services that were switched off, none can be used: it is the first.

    Raises:
        IBMQAccountMultipleCredentialsFound: qiskitrc contains several accounts.
    """
    if account is not None and account.error is not None and not account.is_retired:
        raise account.error
    return account


def _named(name: str) -> FoundAccount:
    found = stored_accounts()
    for each in found:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in found) or "none"
    raise IBMQAccountCredentialsNotFound(f"No stored account is named {name!r}. Stored: {known}.")


def _nothing_to_delete(found: Iterable[FoundAccount]) -> IBMQAccountError:
    for each in found:
        if each.credentials is not None:
            return _of_official_client(each)
    return IBMQAccountCredentialsNotFound("No account is stored: there is nothing to delete.")


def _of_official_client(account: FoundAccount) -> IBMQAccountCredentialsNotFound:
    name = account.name.partition("/")[2]
    return IBMQAccountCredentialsNotFound(
        f"The account is in {shown(official_path())}, which belongs to qiskit-ibm-runtime. Delete "
        f"it there with QiskitRuntimeService.delete_account(name={name!r})."
    )
