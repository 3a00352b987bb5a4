"""Steps of scripts/regenerate, one module each."""
