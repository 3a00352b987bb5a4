"""The command ``ibmq-backend``: it uses the documented classes as any program does.

``__main__`` runs what ``parser`` reads, and both load Qiskit only when a command needs it.
``commands`` holds the commands that talk to a service over the account of ``connection``; ``demo``
shows ``documented_program``; ``serving`` starts the emulator and ``administration`` looks after its
jobs. ``programs`` reads circuits from files; ``output`` and ``histogram`` print; ``errors`` holds
the error of the command itself.
"""
