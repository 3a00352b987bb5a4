"""Steps of scripts/drift, one module each."""
