"""Accounts: ``IBMQ`` and the providers it returns.

``factory`` is ``IBMQ`` itself, with the methods of ``stored_accounts`` for the user's account file
and of ``plural_accounts`` for programs from before 2019. ``provider`` is a hub, group and project,
or an instance, of an account; ``provider_errors`` says which there are. ``local`` starts the
emulator in this process, and ``pickling`` copies providers, backends and jobs without secrets.
"""
