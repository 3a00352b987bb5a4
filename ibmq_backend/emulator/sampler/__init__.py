"""Running the program ``sampler``: input form, circuit files, simulation."""
