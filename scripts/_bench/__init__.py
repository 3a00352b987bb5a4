"""Longer parts of ``scripts/bench``."""
