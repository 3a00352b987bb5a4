"""``scripts/test fast`` leaves out tests that start a process or a server; the rest may not."""

import socket
import subprocess
import sys

import pytest

from tests.support import http_faults
from tests.support.fast import Guard, StartedSomethingError, starts
from tests.support.http_faults import faulty_server
from tests.support.virtual_time import VirtualTime


def with_a_process():
    return [subprocess.run([sys.executable], check=True) for _ in range(1)]


def with_a_server():
    return faulty_server()


def with_a_server_of_a_module():
    return http_faults.bare_server(print)


def with_nothing():
    return VirtualTime().sleep(1.0)


def test_starters_are_recognized_by_name():
    found = [with_a_process, with_a_server, with_a_server_of_a_module]
    assert all(map(starts, found))
    assert not starts(with_nothing)


def test_starting_something_in_a_fast_test_fails():
    guard = Guard()
    guard.audit("subprocess.Popen", ("sh", [], None, None))  # between two tests
    guard.test = "tests/test_it.py::test_it"
    guard.audit("open", ("a file", "r", 0))
    with socket.socket(socket.AF_UNIX) as here:
        guard.audit("socket.bind", (here, "a path"))
    assert guard.refused == []
    with pytest.raises(StartedSomethingError, match=r"test_it starts a process.*mark\.integration"):
        guard.audit("subprocess.Popen", ("sh", [], None, None))
    with socket.socket() as other, pytest.raises(StartedSomethingError, match="opens a port"):
        guard.audit("socket.bind", (other, ("127.0.0.1", 0)))
    assert len(guard.refused) == 2
