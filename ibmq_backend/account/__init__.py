"""Accounts: ``IBMQ`` and what it opens.

``factory`` is ``IBMQ`` itself, with ``stored_accounts`` for the account in the file of the user and
``plural_accounts`` for the methods of before 2019; ``provider`` is what one hub, group and project,
or one instance, offers. ``local`` starts the emulator in this process, and ``pickling`` copies all
of it without a secret.
"""
