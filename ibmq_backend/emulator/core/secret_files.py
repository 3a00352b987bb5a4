"""Checks of files with secrets: the accounts file and the key of the TLS certificate."""

from __future__ import annotations

import os
import shlex
import ssl
import stat
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.core.errors import EmulatorError

_OTHERS_ACCESS: Final = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP


def check_private(path: Path, what: str) -> None:
    """Check that other users cannot write a file or, outside its group, read it; POSIX only.

    Args:
        path: the file.
        what: name of the file in the error message.

    Raises:
        EmulatorError: other users have access; the message has the command that removes it.
        OSError: the file does not exist.
    """
    if os.name == "posix" and path.stat().st_mode & _OTHERS_ACCESS:
        raise EmulatorError(
            f"{what} {path} is open to other users of this machine. "
            f"Run: chmod 600 {shlex.quote(str(path))}"
        )


def check_tls_files(
    certificate: Path | str | None, key: Path | str | None
) -> tuple[Path, Path] | None:
    """Check the files of ``--tls-cert`` and ``--tls-key``.

    Returns:
        Both paths; None when neither is given.

    Raises:
        EmulatorError: one of the files is missing, cannot be read or is not valid.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise EmulatorError("--tls-cert and --tls-key must be given together")
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
        raise EmulatorError(
            f"--tls-cert: {chain} does not contain a certificate in PEM format"
        ) from error
    try:
        context.load_cert_chain(chain, secret, password=_no_password)
    except _EncryptedKeyError:
        raise EmulatorError(
            f"--tls-key: {secret} is encrypted; use a key without a password"
        ) from None
    except ssl.SSLError as error:
        raise EmulatorError(
            f"--tls-key: {secret} does not contain the PEM key of the certificate {chain}"
        ) from error
    return chain, secret


class _EncryptedKeyError(Exception):
    pass


def _no_password() -> str:
    raise _EncryptedKeyError
