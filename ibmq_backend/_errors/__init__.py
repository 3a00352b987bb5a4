"""Texts of errors and the translation of errors.

``translate`` converts ``ApiError`` to the documented errors of each method, ``malformed`` reports
documents that cannot be read, ``hints`` describes each class of error, and ``causes`` hides the
causes of errors in tracebacks. ``suggestions`` names what a misspelled name was meant to be.
"""
