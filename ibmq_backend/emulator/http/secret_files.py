"""Files of the user that hold secrets: the accounts file and the key of the TLS certificate."""

from __future__ import annotations

import os
import shlex
import ssl
import stat
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.core.errors import EmulatorError

_OF_OTHERS: Final = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP


def check_private(path: Path, what: str) -> None:
    """Check that nobody else can change a file, and nobody outside its group read it; POSIX only.

    Args:
        path: the file.
        what: what the message calls it.

    Raises:
        EmulatorError: they can; names the command that changes it.
        OSError: there is no such file.
    """
    if os.name == "posix" and path.stat().st_mode & _OF_OTHERS:
        raise EmulatorError(
            f"{what} {path} is open to other users of this machine. "
            f"Run: chmod 600 {shlex.quote(str(path))}"
        )


def check_tls_files(
    certificate: Path | str | None, key: Path | str | None
) -> tuple[Path, Path] | None:
    """Check the files of ``--tls-cert`` and ``--tls-key``.

    Returns:
        Both; None when neither is given.

    Raises:
        EmulatorError: one of them is missing, cannot be read or is not what it should be.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise EmulatorError("--tls-cert and --tls-key are needed together")
    chain, secret = Path(certificate), Path(key)
    for option, path in (("--tls-cert", chain), ("--tls-key", secret)):
        try:
            path.read_bytes()
        except OSError as error:
            raise EmulatorError(f"{option}: cannot read {path}: {error.strerror}") from error
    check_private(secret, "--tls-key: the file")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(chain)
    except ssl.SSLError as error:
        raise EmulatorError(f"--tls-cert: {chain} holds no certificate in PEM format") from error
    try:
        context.load_cert_chain(chain, secret, password=_no_password)
    except _Encrypted:
        raise EmulatorError(
            f"--tls-key: {secret} is encrypted; give a key without a password"
        ) from None
    except ssl.SSLError as error:
        raise EmulatorError(
            f"--tls-key: {secret} does not hold the key, in PEM format, of the certificate {chain}"
        ) from error
    return chain, secret


class _Encrypted(Exception):
    """The library asks for a password."""


def _no_password() -> str:
    raise _Encrypted
