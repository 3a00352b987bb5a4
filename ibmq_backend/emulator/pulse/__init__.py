"""Pulses on transmons.

``shapes`` makes samples of pulses, ``timeline`` events of schedules; ``model`` takes the transmon
from the calibration, ``dynamics`` moves it, and ``readout`` measures it.
"""
