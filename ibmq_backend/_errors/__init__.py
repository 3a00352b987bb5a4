"""What errors say.

``translate`` turns errors of the wire into the documented ones of each method, ``malformed`` names
documents that cannot be read, and ``hints`` has the next step for every class of error.
"""
