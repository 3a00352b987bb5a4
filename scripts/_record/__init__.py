"""Parts of scripts/record."""
