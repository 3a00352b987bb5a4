"""A terminal without a terminal: what is on its screen after some output."""

import io
import re

_PARTS = re.compile(r"\r|\n|\x1b\[(\d*)([A-Za-z])|([^\r\n\x1b])")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def screen(text: str) -> list[str]:
    """Return the lines that are not empty, without blanks at their ends.

    Understands line breaks, and of the control sequences those that move the cursor up, erase a
    line or change colours.
    """
    lines, row, column = [[]], 0, 0
    for found in _PARTS.finditer(text):
        number, command, character = found.groups()
        if character:
            line = lines[row]
            line.extend(" " * (column - len(line)))
            line[column : column + 1] = [character]
            column += 1
        elif found[0] == "\r":
            column = 0
        elif found[0] == "\n":
            row, column = row + 1, 0
            if row == len(lines):
                lines.append([])
        elif command == "A":
            row -= int(number or 1)
        elif command == "K":
            assert number == "2", found[0]
            lines[row] = []
        else:
            assert command == "m", found[0]
    return [found for line in lines if (found := "".join(line).rstrip())]
