"""Checks of a job against a device, before anything is simulated."""
