"""TLS contexts with the certificates to trust."""

from __future__ import annotations

import os
import re
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

import certifi
import httpx

from ibmq_backend._http.bounded_network import BoundedSocket
from ibmq_backend.exceptions import IBMQAccountValueError

_FILE_VARIABLE: Final = "SSL_CERT_FILE"
_FOLDER_VARIABLE: Final = "SSL_CERT_DIR"
_KEY_LOG_VARIABLE: Final = "SSLKEYLOGFILE"  # read by the standard library
_HASHED_NAME: Final = re.compile(r"[0-9a-f]{8}\.\d+")  # file names of `openssl rehash`

_MAX_SHOWN_CHARACTERS: Final = 200  # of a path in a message


def ssl_context(verify: bool | str, trust_env: bool) -> ssl.SSLContext:
    """Return the TLS context for these settings; cached, since creating one takes 20 ms.

    Args:
        verify: False to accept any certificate, or the path of a file or folder.
        trust_env: use ``SSL_CERT_FILE``, or else ``SSL_CERT_DIR``, if ``verify`` is True.

    Raises:
        IBMQAccountValueError: the file or folder cannot be used; the message names the setting.
    """
    if isinstance(verify, str):
        return _context_trusting("verify", verify)
    if verify and trust_env:
        for variable in (_FILE_VARIABLE, _FOLDER_VARIABLE):
            if path := os.environ.get(variable):
                return _context_trusting(f"The environment variable {variable}", path)
    return _default_context(verify)


@lru_cache(maxsize=2)
def _default_context(verify: bool) -> ssl.SSLContext:
    try:
        return _bounded(httpx.create_ssl_context(verify=verify, trust_env=False))
    except OSError as error:
        raise _unusable("The file of the package certifi", certifi.where(), error) from None


@lru_cache(maxsize=8)
def _context_trusting(setting: str, path: str) -> ssl.SSLContext:
    try:
        if _is_folder(path):
            return _bounded(ssl.create_default_context(capath=path))
        return _bounded(ssl.create_default_context(cafile=path))
    except (OSError, ValueError) as error:  # including SSLError and UnicodeError
        raise _unusable(setting, path, error) from None


def _unusable(setting: str, path: str, error: OSError | ValueError) -> IBMQAccountValueError:
    if isinstance(error, OSError) and error.filename == os.environ.get(_KEY_LOG_VARIABLE, ""):
        return IBMQAccountValueError(
            f"The environment variable {_KEY_LOG_VARIABLE} is {_shown(error.filename)}, which "
            f"cannot be written ({error.strerror}). Name another file, or unset it."
        )
    reason = (
        (isinstance(error, ssl.SSLError) and error.reason)
        or getattr(error, "strerror", None)
        or error
    )
    return IBMQAccountValueError(
        f"{setting} is {_shown(path)}, which contains no readable certificate ({reason}). Set it "
        "to the path of a PEM file with the certificates to trust, or leave it out."
    )


def _shown(path: str) -> str:
    return repr(path[:_MAX_SHOWN_CHARACTERS])


def _is_folder(path: str) -> bool:
    """Return whether a path names one or more folders with certificates, and not a file.

    Raises:
        OSError: the path names neither, or folders without certificates.
        ValueError: the text is not a path.
    """
    if Path(path).is_file():
        return False
    folders = [folder for folder in path.split(os.pathsep) if Path(folder).is_dir()]
    if not folders:
        raise FileNotFoundError("it is neither a file nor a folder")
    names = (entry.name for folder in folders for entry in Path(folder).iterdir())
    if not any(map(_HASHED_NAME.fullmatch, names)):
        raise FileNotFoundError("it contains no file with a name of `openssl rehash`")
    return True


def _bounded(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = BoundedSocket
    return context
