"""Jobs of the platform dialect: ``submission`` checks new ones, ``kind`` is for the dispatcher."""
