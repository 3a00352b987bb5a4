"""Stand-ins for modules of Terra that have no present module of the same meaning.

``gates`` stands for ``qiskit.extensions.standard``; ``states`` for ``qiskit.tools.qi.qi`` and what
``qiskit.quantum_info`` had, ``observables`` for ``qiskit.quantum_info.analyzation``;
``interactive`` for the figures of Plotly; ``models`` for ``qiskit.validation``, ``documents`` for
``Qobj`` and its converters; ``base_classes`` for ``qiskit.providers.BaseBackend`` and its
relatives; and ``transpiling`` for ``qiskit.compile``. They are imported when a program uses them.
"""
