"""Jobs in the form of the classic dialect."""
