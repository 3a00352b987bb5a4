"""A user program that interrupts its waiting and then forks; prints what it saw as JSON.

The tests run it in a process of its own, because it sends signals to itself and forks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from tests.faults.faulty_target import PATIENT, FaultyTarget, circuit, faulty_target
from tests.support.emulator import until

INTERRUPT_AFTER_SECONDS = 0.3


def interrupt_wait(target: FaultyTarget, wait: Any) -> float:
    """Return the seconds between an interrupt and the end of a wait."""
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    try:
        threading.Timer(INTERRUPT_AFTER_SECONDS, interrupt).start()
        wait()
    except KeyboardInterrupt:
        return time.monotonic() - sent[0]
    raise AssertionError("the wait ended by itself")


def interrupt_all_waits(target: FaultyTarget) -> dict[str, float]:
    """Interrupt every kind of waiting, and fetch the result of each job afterwards."""
    scripts: dict[str, list[dict[str, Any]]] = {
        "no fault": [],
        "polling": [{"operation": "jobStatusStream", "kind": "status", "status": 503}],
        "a reply that stalls": [{"operation": "*", "kind": "stall"}],
        "an outage": [{"operation": "*", "kind": "status", "status": 503}],
    }
    took = {}
    for name, script in scripts.items():
        target.engine.hold()
        job = target.backend.run(circuit())
        target.service.faults.script(script)
        took[name] = interrupt_wait(target, job.result)
        target.service.faults.clear()
        target.service.faults.release()
        target.engine.release()
        assert job.result(timeout=60).success, name
    return took


def fork_during_login(target: FaultyTarget) -> list[int]:
    """Fork while another thread is logging in; parent and children run jobs afterwards.

    Returns:
        The exit codes of the children.
    """
    target.backend.status()
    target.service.faults.script(
        [
            {"operation": name, "calls": 1, "kind": "delay", "seconds": 3600.0}
            for name in ("loginWithToken", "exchangeToken")
        ]
    )
    token = target.account._token
    refused = token.text()
    logging_in = threading.Thread(target=token.replace, args=(refused,))
    logging_in.start()
    until(token._lock.locked, bool)
    codes = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if target.backend.status().operational else 2
                target.backend.run(circuit()).result(timeout=60)
            finally:
                os._exit(code)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    while logging_in.is_alive():  # its request may not have arrived yet
        target.service.faults.release()
        logging_in.join(0.01)
    assert target.backend.run(circuit()).result(timeout=60).success
    return codes


def main() -> None:
    # A shell without job control starts background programs with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with faulty_target(sys.argv[1], settings=PATIENT, sleep=time.sleep) as target:
        seen = {"interrupted": interrupt_all_waits(target), "children": fork_during_login(target)}
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
