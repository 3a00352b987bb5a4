"""Scripted faults: which call fails, and how."""
