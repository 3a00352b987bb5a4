"""The table of the documented interface: read, checked against the code, rendered."""
