"""The command ``ibmq-backend``.

It uses the documented classes as any program does, and loads them only when a command needs them:
``--help`` and wrong arguments are answered at once.
"""
