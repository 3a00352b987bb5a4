"""Programs that do the same with different clients, each in an environment of its own."""
