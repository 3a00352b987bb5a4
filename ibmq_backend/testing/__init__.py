"""For tests of programs that use IBM Quantum."""
