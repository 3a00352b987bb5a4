"""The transport under every adapter: settings, retry, errors, redaction. Knows no endpoint."""
