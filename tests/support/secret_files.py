"""Files that only their owner can read."""

from __future__ import annotations

from pathlib import Path


def write_secret(path: Path, text: str) -> Path:
    """Write a file with mode 600, whatever the umask is."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
