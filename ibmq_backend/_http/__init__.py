"""The transport under every adapter: settings, retry, errors. Knows no endpoint."""
