"""What is installed in this environment, and the commands that repair or complete it.

``owners`` examines who owns the folder ``qiskit/`` and ``guard`` refuses to import it when it is
spoiled; ``extras`` lists the optional dependencies; ``commands`` builds the command that installs
this package again. They read the metadata of distributions and import only the standard library,
so they work when Qiskit does not.
"""
