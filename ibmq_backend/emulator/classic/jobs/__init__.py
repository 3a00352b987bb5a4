"""Jobs of the classic dialect: ``kind`` for the dispatcher."""
