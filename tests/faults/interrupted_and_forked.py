"""A program of a user: interrupts its waiting, then forks; says what it saw as JSON.

Run by the tests in a process of its own: it sends signals to itself and forks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from tests.faults.places import PATIENT, Place, a_place, circuit
from tests.support.emulator import until

AFTER = 0.3  # seconds until the user loses patience


def interrupted(place: Place, wait: Any) -> float:
    """Wait until interrupted; gives the seconds between the signal and the end of the wait."""
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    try:
        threading.Timer(AFTER, interrupt).start()
        wait()
    except KeyboardInterrupt:
        return time.monotonic() - sent[0]
    raise AssertionError("the wait ended by itself")


def interruptions(place: Place) -> dict[str, float]:
    """Interrupt a wait in every way of waiting; each job is fetched afterwards."""
    scripts: dict[str, list[dict[str, Any]]] = {
        "as usual": [],
        "polling": [{"operation": "jobStatusStream", "kind": "status", "status": 503}],
        "a reply that stalls": [{"operation": "*", "kind": "stall"}],
        "an outage": [{"operation": "*", "kind": "status", "status": 503}],
    }
    took = {}
    for name, script in scripts.items():
        place.engine.hold()
        job = place.backend.run(circuit())
        place.service.faults.script(script)
        took[name] = interrupted(place, job.result)
        place.service.faults.clear()
        place.service.faults.release()
        place.engine.release()
        assert job.result(timeout=60).success, name
    return took


def forks(place: Place) -> list[int]:
    """Fork while another thread is in the middle of a login; parent and child go on.

    Returns:
        The children's exit codes.
    """
    place.backend.status()
    place.service.faults.script(
        [
            {"operation": name, "calls": 1, "kind": "delay", "seconds": 3600.0}
            for name in ("loginWithToken", "exchangeToken")
        ]
    )
    token = place.account._token
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
                code = 0 if place.backend.status().operational else 2
                place.backend.run(circuit()).result(timeout=60)
            finally:
                os._exit(code)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    while logging_in.is_alive():  # its request may be on the way still
        place.service.faults.release()
        logging_in.join(0.01)
    assert place.backend.run(circuit()).result(timeout=60).success
    return codes


def main() -> None:
    # A shell without job control lets what it starts in the background ignore the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with a_place(sys.argv[1], settings=PATIENT, sleep=time.sleep) as place:
        seen = {"interrupted": interruptions(place), "children": forks(place)}
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
