"""The connection of a server to a Dask cluster, and the check of its scheduler and workers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
import struct
from collections.abc import Sequence
from concurrent.futures import Future as Answer
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, Security

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.engine import dask_worker

__all__ = ["NO_ANSWER", "ClusterAddress", "DaskCluster", "Worker", "read_address"]

NO_ANSWER: Final = "it has not answered yet"
"""Why a worker gets no jobs that starts slowly, or has been stopped."""

_PROBE_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 5.0
_CHECK_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 2.0
_MAX_GREETING_BYTES: Final = 1 << 16
_SETTINGS: Final = {
    "distributed.diagnostics.computations.nframes": 0,  # no text of our program on the wire
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


@dataclass(frozen=True)
class ClusterAddress:
    """Where the scheduler is.

    Attributes:
        url: ``tcp://host:port``, or ``tls://host:port`` with TLS.
        host: name or IP address.
        port: TCP port.
        tls: files of the authority, the certificate and its key; None without TLS.
    """

    url: str
    host: str
    port: int
    tls: tuple[Path, Path, Path] | None = None


@dataclass(frozen=True)
class Worker:
    """A worker of the cluster.

    Attributes:
        address: its address.
        threads: number of jobs that it runs at a time.
        differences: why it gets no jobs; None if it gets some.
    """

    address: str
    threads: int
    differences: str | None


def read_address(text: str, tls: Sequence[Path] = ()) -> ClusterAddress:
    """Return an address from what a user wrote.

    Args:
        text: ``tcp://host:port``.
        tls: a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, or these three files; without
            any the connection is not encrypted.

    Raises:
        EmulatorError: the address cannot be read, or a file of TLS is missing or not valid.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme not in ("tcp", "tls") or parts.path:
        raise EmulatorError(f"--dask: {text!r} is not an address. Write tcp://host:port.")
    if not tls:
        if parts.scheme == "tls":
            raise EmulatorError("--dask: tls:// needs certificates. Add --dask-tls FOLDER.")
        return ClusterAddress(text, host, port)
    files = tuple(tls) if len(tls) > 1 else tuple(tls[0] / f"{name}.pem" for name in _TLS_NAMES)
    if len(files) != len(_TLS_NAMES):
        raise EmulatorError("--dask-tls needs one folder, or the files of CA, certificate and key")
    authority, certificate, key = files
    address = ClusterAddress(f"tls://{parts.netloc}", host, port, (authority, certificate, key))
    _tls_context(address)
    return address


_TLS_NAMES: Final = ("ca", "cert", "key")


def _tls_context(address: ClusterAddress) -> ssl.SSLContext | None:
    if address.tls is None:
        return None
    authority, certificate, key = address.tls
    try:
        for path in address.tls:
            path.read_bytes()
        context = ssl.create_default_context(cafile=str(authority))
        context.check_hostname = False  # as Dask does: whom the authority signed is a member
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise EmulatorError(
            f"--dask-tls: {authority}, {certificate} and {key} are not a CA, a certificate and "
            f"its key in PEM format ({error.reason})"
        ) from error
    except OSError as error:
        raise EmulatorError(f"--dask-tls: cannot read {error.filename}: {error.strerror}") from None
    return context


class DaskCluster:
    """A connection to a cluster. It is of no further use when it is no longer ``alive``.

    Args:
        address: the scheduler.
        setup: what all workers must agree on; see ``dask_worker.setup_text``.

    Raises:
        EmulatorError: there is no scheduler at the address, or none of the same versions.
    """

    def __init__(self, address: ClusterAddress, setup: str) -> None:
        self._address = address
        self._setup = setup
        self._checks: dict[str, Answer[dict[str, Any]]] = {}
        self._not_started: set[str] = set()
        _check_greeting(address)
        dask.config.set(_SETTINGS)
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # this server says it, once
        security = None
        if address.tls is not None:
            authority, certificate, key = map(str, address.tls)
            security = Security(
                tls_ca_file=authority,
                tls_client_cert=certificate,
                tls_client_key=key,
                require_encryption=True,
            )
        try:
            self._client = Client(
                address.url, timeout=_CONNECT_SECONDS, security=security, set_as_default=False
            )
        except Exception as error:
            raise _unusable(address, f"it does not accept clients ({_reason(error)})") from error
        try:
            differences = self._client.run_on_scheduler(
                dask_worker.find_differences, setup, callback_timeout=_ANSWER_SECONDS
            )
        except Exception as error:
            self.close()
            reason = f"ibmq_backend cannot be used on the scheduler ({_reason(error)})"
            raise _unusable(address, reason) from error
        if differences:
            self.close()
            raise _unusable(address, f"on the scheduler, {differences}")
        self._client.subscribe_topic(
            dask_worker.STARTED, lambda event: self._not_started.discard(event[1])
        )

    @property
    def alive(self) -> bool:
        """Whether the scheduler is connected."""
        return bool(self._client.status == "running")

    def find_workers(self) -> list[Worker]:
        """Return all workers; new ones are checked first.

        Those that take more than a second get no jobs until they have answered.

        Raises:
            OSError: if the scheduler is lost or does not answer.
        """
        # Not scheduler_info(): a timer of the client replaces its reply by one without workers.
        found = self._client.sync(
            self._client.scheduler.identity, n_workers=-1, callback_timeout=_ANSWER_SECONDS
        )["workers"]
        self._checks = {
            address: self._checks.get(address) or self._check(address) for address in found
        }
        wait(self._checks.values(), _CHECK_SECONDS)
        workers = []
        for address, check in list(self._checks.items()):
            if not check.done():
                workers.append(Worker(address, found[address]["nthreads"], NO_ANSWER))
                continue
            try:
                reply = check.result()[address]
            except Exception as error:
                reply = error
            if isinstance(reply, OSError):
                del self._checks[address]  # it has gone meanwhile
                continue
            if isinstance(reply, BaseException):
                reply = f"ibmq_backend cannot be used ({_reason(reply)})"
            workers.append(Worker(address, found[address]["nthreads"], reply))
        return workers

    def submit(self, heads: Sequence[str], content: bytes, workers: Sequence[str] | None) -> Any:
        """Send the parts of a job to the cluster.

        Args:
            heads: for each part the head of ``dask_worker.run_part``.
            content: the data of the job.
            workers: addresses of the workers that may run it; None = any.

        Returns:
            A future of ``dask_worker.Reply`` for each part; to be given to ``forget``.
        """
        options: dict[str, Any] = {"pure": False, "workers": workers}
        data: bytes | Future = content
        if len(heads) > 1:
            data = self._client.submit(dask_worker.hold, content, **options)
        keys = [f"ibmq-part-{secrets.token_hex(16)}" for _ in heads]
        self._not_started.update(keys)
        return [
            self._client.submit(dask_worker.run_part, self._setup, head, data, key=key, **options)
            for head, key in zip(heads, keys, strict=True)
        ]

    def has_started(self, futures: Sequence[Future]) -> bool:
        """Return whether a worker has started one of some parts."""
        return any(future.key not in self._not_started for future in futures)

    def gather(self, futures: Sequence[Future]) -> list[dask_worker.Reply]:
        """Return the replies of parts that have ended."""
        replies: list[dask_worker.Reply] = self._client.gather(list(futures))
        return replies

    def forget(self, futures: Sequence[Future]) -> None:
        """Forget parts; those that wait or run are stopped."""
        self._not_started.difference_update(future.key for future in futures)
        if self.alive and any(future.status != "finished" for future in futures):
            self._client.cancel(list(futures), force=True)

    def close(self) -> None:
        """Close the connection; parts that run are stopped."""
        self._client.close(timeout=_CLOSE_SECONDS)

    def _check(self, address: str) -> Answer[dict[str, Any]]:
        coroutine = self._client.run(
            dask_worker.prepare,
            self._setup,
            workers=[address],
            on_error="return",
            asynchronous=True,
        )
        return asyncio.run_coroutine_threadsafe(coroutine, self._client.loop.asyncio_loop)


def _check_greeting(address: ClusterAddress) -> None:
    """Check that a Dask server listens: it sends a short message before it reads one.

    Dask's own client would wait for it without limit, and trust its length.
    """
    context = _tls_context(address)
    try:
        with socket.create_connection((address.host, address.port), _PROBE_SECONDS) as plain:
            plain.settimeout(_PROBE_SECONDS)
            connection = plain if context is None else context.wrap_socket(plain)
            with connection:
                start = connection.recv(8, 0 if context else socket.MSG_WAITALL)
    except TimeoutError:
        advice = " If it uses TLS, add --dask-tls." if context is None else ""
        raise _unusable(address, f"it does not answer like a Dask scheduler.{advice}") from None
    except ssl.SSLError as error:
        raise _unusable(
            address, f"TLS fails ({error.reason}). Scheduler and server need --dask-tls files of "
            "the same CA"
        ) from error  # fmt: skip
    except OSError as error:
        raise _unusable(address, f"it cannot be reached ({error.strerror or error})") from error
    if len(start) < 8 or struct.unpack("<Q", start)[0] > _MAX_GREETING_BYTES:
        raise _unusable(address, "another kind of service listens there")


def _unusable(address: ClusterAddress, reason: str) -> EmulatorError:
    return EmulatorError(f"There is no usable Dask cluster at {address.url}: {reason}")


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
