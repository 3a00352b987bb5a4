"""Jobs and devices in the form of today's dialect."""
