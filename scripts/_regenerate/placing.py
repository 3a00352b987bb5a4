"""Comparing what was made with what is there, and putting it in its place."""

import filecmp
import shutil
from pathlib import Path


def files_of(place: Path) -> set[Path]:
    """Return the files of a folder, or the file itself, relative to `place`; byte code left out."""
    if place.is_file():
        return {Path()}
    found = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place) for path in found if "__pycache__" not in path.parts}


def differences(work: Path, root: Path, made: list[Path]) -> list[str]:
    """Return one line per file that is new, stale or different.

    Args:
        work: Where it was made.
        root: Where it belongs.
        made: Folders and files, relative to both.
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
    """Put `new` in the place of `target`, with no moment at which half of each is there."""
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
