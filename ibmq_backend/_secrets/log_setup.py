"""The logger that old programs know, and the two environment variables that set it up.

Everything this package logs passes ``qiskit.providers.ibmq``: its level counts, and its handlers
are called. Programs that silence that logger, or send it to a file, silence this package.
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
    """Hang the package's loggers under the documented one and apply the environment variables.

    ``QISKIT_IBMQ_PROVIDER_LOG_LEVEL`` is the name of a level in any case, anything else counts
    as ``WARNING``. With ``QISKIT_IBMQ_PROVIDER_LOG_FILE`` nothing goes to the screen. Without
    either, Python's own defaults hold. Calling it again changes nothing.
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
