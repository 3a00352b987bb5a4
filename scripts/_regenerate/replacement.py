"""Comparison of new files with those in the repository, and replacement."""

import filecmp
import shutil
from pathlib import Path


def files_of(target: Path) -> set[Path]:
    """Return the files of a folder, or the file itself, relative to it, without byte code."""
    if target.is_file():
        return {Path()}
    found = (path for path in target.rglob("*") if path.is_file())
    return {path.relative_to(target) for path in found if "__pycache__" not in path.parts}


def differences(work: Path, root: Path, made: list[Path]) -> list[str]:
    """Return one line per file that is new, stale or different.

    Args:
        work: folder with the new files.
        root: folder of the repository.
        made: folders and files, relative to both.
    """
    lines = []
    for target in made:
        new, old = files_of(work / target), files_of(root / target)
        lines += [f"missing: {target / name}" for name in sorted(new - old)]
        lines += [f"stale: {target / name}" for name in sorted(old - new)]
        lines += [
            f"different: {target / name}"
            for name in sorted(new & old)
            if not filecmp.cmp(work / target / name, root / target / name, shallow=False)
        ]
    return lines


def swap(new: Path, target: Path) -> None:
    """Replace a file or folder as a whole, without a state in which it is half replaced.

    Args:
        new: the new file or folder.
        target: what is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}.new")
    outgoing = target.with_name(f".{target.name}.old")
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    if new.is_file():
        shutil.copyfile(new, incoming)
        incoming.replace(target)
        return
    shutil.copytree(new, incoming)
    if target.exists():
        target.rename(outgoing)
    incoming.rename(target)
    shutil.rmtree(outgoing, ignore_errors=True)
