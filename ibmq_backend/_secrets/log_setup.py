"""The logger of old programs, and the two environment variables that configure it.

All log records of this package pass through ``qiskit.providers.ibmq``, with its level and its
handlers. A program that silences that logger, or writes it to a file, does the same to this
package.
"""

from __future__ import annotations

import logging
import os
from typing import Final

LOGGER_NAME: Final = "qiskit.providers.ibmq"
LEVEL_VARIABLE: Final = "QISKIT_IBMQ_PROVIDER_LOG_LEVEL"
FILE_VARIABLE: Final = "QISKIT_IBMQ_PROVIDER_LOG_FILE"

_FORMAT: Final = "%(name)s.%(funcName)s:%(levelname)s:%(asctime)s: %(message)s"
_LEVELS: Final = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")


def set_up_logging() -> None:
    """Make the documented logger the parent of the package's and apply the environment variables.

    ``QISKIT_IBMQ_PROVIDER_LOG_LEVEL`` is the name of a level in upper or lower case; any other
    value means ``WARNING``. With ``QISKIT_IBMQ_PROVIDER_LOG_FILE`` nothing is written to the
    screen. Without either, Python's defaults apply. A second call changes nothing.
    """
    documented = logging.getLogger(LOGGER_NAME)
    logging.getLogger("ibmq_backend").parent = documented
    level, path = os.environ.get(LEVEL_VARIABLE, ""), os.environ.get(FILE_VARIABLE, "")
    if not (level or path) or any(each.name == LOGGER_NAME for each in documented.handlers):
        return
    handler: logging.Handler = (
        logging.FileHandler(path, encoding="utf-8", delay=True) if path else logging.StreamHandler()
    )
    handler.name = LOGGER_NAME
    handler.setFormatter(logging.Formatter(_FORMAT))
    documented.addHandler(handler)
    documented.propagate = False
    documented.setLevel(level.upper() if level.upper() in _LEVELS else "WARNING")
