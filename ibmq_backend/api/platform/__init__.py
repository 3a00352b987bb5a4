"""The adapter for today's IBM Quantum Platform."""
