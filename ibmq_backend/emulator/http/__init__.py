"""The service over HTTP: application, server, command line, embedded service."""
