"""Protection of secrets in messages, logs and tracebacks.

``redact`` is the only module that recognizes secrets; ``traceback_scrubbing`` keeps them out of the
variables that tracebacks show; ``log_setup`` configures the documented logger.
"""
