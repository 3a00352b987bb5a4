"""Simulation of pulses on one transmon; used by ``simulation.pulse_run`` only.

``shapes`` samples pulses and ``timeline`` turns schedules into events; ``model`` builds the
transmon from the calibration, ``dynamics`` evolves it, and ``readout`` measures it; ``channels``
gives the effect of the pulses of one gate. The feature is
complete: it covers the single-qubit experiments of courses (Rabi, T1, Ramsey), and no further
shapes are planned.
"""
