"""What keeps secrets out of text.

``redact`` is the only module that knows what secrets look like; ``traceback_scrubbing`` keeps them
out of the variables that tracebacks show; ``log_setup`` sets up the documented logger.
"""
