"""Pulses on transmons: shapes, time line, dynamics, readout."""
