"""The documented import path ``qiskit.providers.ibmq``: an alias for ``ibmq_backend``.

This folder is copied into Terra's package when the distribution is installed (also when the
install is editable), so it holds nothing but the hand-over: the logic lives in
``ibmq_backend._compat``.
"""

from ibmq_backend._compat.dropin import install as _install

_install(__name__)

from ibmq_backend import *  # noqa: E402, F403
from ibmq_backend import __all__, __version__  # noqa: E402, F401
