"""Accounts: the ``IBMQ`` factory, the provider, stored accounts, the local service, pickling."""
