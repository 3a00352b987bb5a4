"""The same service behind today's wire dialect.

Devices, queue, store and simulation are those of :mod:`ibmq_backend.emulator`; what is here is
the other way to reach them: bearer tokens made from API keys, instances named by CRN, jobs that
are runs of a program, circuits as OpenQASM 3.
"""
