"""Errors in the words of the documented methods: translated, malformed documents, next steps."""
