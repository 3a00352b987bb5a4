"""Adapts Qiskit to old programs when it is imported, and explains why it cannot be imported.

``ibmq_backend.pth`` imports this module whenever Python starts, so it does nothing until a program
imports Qiskit, or the widgets of IBM Quantum Lab, which notebooks import first. It imports nothing
while a module is looked for: a thread that loads what it imports would wait for the lock that the
import system holds then. PYTEST_DONT_REWRITE: pytest warns about plugin modules that are loaded
before it.
"""

import sys


def _prepare():  # type: ignore[no-untyped-def]
    """Register the finders of this package; return that of adapted modules if it is new."""
    try:
        from ibmq_backend._compat.quiet import silence_terra
        from ibmq_backend._compat.terra import prepare_terra
    except ImportError:  # partly uninstalled
        return None
    silence_terra()
    return prepare_terra()


def _check(name):  # type: ignore[no-untyped-def]
    """Raise an error that explains why a module cannot be imported, if it is spoiled."""
    try:
        from ibmq_backend.installation.guard import check_import
    except ImportError:  # partly uninstalled
        return
    check_import(name)


class _LabLoader:
    """Loads a module that only the finders of this package find."""

    def create_module(self, spec):  # type: ignore[no-untyped-def]
        """Return the module that replaces it."""
        _prepare()
        before = sys.meta_path[: sys.meta_path.index(_QiskitWatcher)]
        specs = (finder.find_spec(spec.name, None) for finder in before)
        found = next(filter(None, specs), None)
        if found is None:
            raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name)
        self._loader = found.loader
        return self._loader.create_module(spec)

    def exec_module(self, module):  # type: ignore[no-untyped-def]
        """Execute the module that replaces it."""
        self._loader.exec_module(module)


class _QiskitWatcher:
    """A finder that acts when ``qiskit`` is loaded."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        """Return the spec of the other finders, with a loader that acts; ``None`` for the rest."""
        if fullname == "qiskit.providers.ibmq":
            _check(fullname)
        if fullname not in ("qiskit", "ibm_quantum_widgets", "iqx"):
            return None
        others = sys.meta_path[sys.meta_path.index(_QiskitWatcher) + 1 :]
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, specs), None)
        if fullname == "qiskit":
            if spec is None or spec.loader is None:
                _check(fullname)
                return spec
            execute = spec.loader.exec_module

            def exec_module(module):  # type: ignore[no-untyped-def]
                _check(fullname)
                finder = _prepare()
                execute(module)
                if finder is not None:
                    finder.adapt(module, fullname)

            spec.loader.exec_module = exec_module
        elif spec is None:
            from importlib.machinery import ModuleSpec

            spec = ModuleSpec(fullname, _LabLoader())
        return spec


sys.meta_path.insert(0, _QiskitWatcher)
