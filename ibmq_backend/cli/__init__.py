"""The command ``ibmq-backend``, which uses the documented classes as any program does.

``__main__`` runs the command that ``parser`` has read; both load Qiskit only for commands that need
it. ``commands`` are the commands that talk to a service, with the account that ``connection``
opens; ``account`` shows and changes the stored ones. ``demo`` runs ``documented_program``,
``try_live`` runs one shot on IBM Quantum Platform, ``serving`` starts the emulator,
``administration`` lists and cancels its jobs, and ``classroom`` manages its users. ``doctor``
examines programs and the installation, and ``completion`` prints completion scripts. ``programs``
reads circuits from files; ``output`` and ``histogram`` print; ``errors`` contains ``CommandError``.
"""
