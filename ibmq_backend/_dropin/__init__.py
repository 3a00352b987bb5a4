"""The documented import path ``qiskit.providers.ibmq``: an alias for ``ibmq_backend``.

This folder is copied into Terra's package by every installation, including editable ones, so it
only imports ``ibmq_backend._compat``.
"""

from ibmq_backend._compat.dropin import install as _install

_install(__name__)

from ibmq_backend import *  # noqa: E402, F403
from ibmq_backend import __all__, __version__  # noqa: E402, F401
