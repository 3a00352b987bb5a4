"""Names that Terra and Aer had between 2019 and 2022, and what they are now.

``tables`` collects the rows, which ``old_name`` describes, from ``aer``, ``circuits``, ``figures``,
``lab``, ``providers``, ``pulse``, ``reached``, ``states`` and ``transpiling``; ``finder`` finds the
modules, and ``attributes`` adds the names to modules that still exist. ``gone_packages`` explains
imports of packages that are not installed, with the advice of ``elements``.
"""
