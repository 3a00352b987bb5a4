"""What ``ibmq-backend doctor`` finds in a program and in an installation.

``program`` examines a program without running it: ``sources`` reads scripts and notebooks,
``walker`` goes through their statements, ``bindings`` tells what their names stand for, and
``library`` looks these up in the installed packages. ``replacements`` is the table of what to write
instead; ``tokens`` and ``installs`` check the tokens and the ``pip install`` lines of the program.
``findings`` are what is reported.

``environment`` examines the installation; ``versions`` compares releases with their bounds.
"""
