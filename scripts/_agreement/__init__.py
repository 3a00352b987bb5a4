"""Parts of scripts/agreement: ``records``, ``compare`` and ``report``."""
