"""Dated calibrations out of released packages, for ``scripts/calibrations``.

``releases`` downloads the packages and reads their calibrations, ``selection`` says which of them
are kept, and ``columns`` writes a calibration in columns.
"""
