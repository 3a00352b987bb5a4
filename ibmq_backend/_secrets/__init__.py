"""What keeps secrets out of text: redaction, traceback scrubbing, the logger of the package."""
