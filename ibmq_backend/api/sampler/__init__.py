"""Jobs of the program ``sampler``: circuits to OpenQASM 3, device documents, results."""
