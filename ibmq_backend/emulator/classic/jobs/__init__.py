"""Jobs of the classic dialect: ``kind`` for the dispatcher, ``large_qobj`` to check large ones."""
