"""Jobs of today's dialect: ``submission`` reads them, ``kind`` is for the dispatcher."""
