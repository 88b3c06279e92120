"""User text made safe for a terminal."""

import unicodedata


def terminal_text(text: str) -> str:
    """Return the text on one line, with a sign in place of each character that would steer the terminal.

    Escape sequences and marks that turn the reading direction are such characters.
    """
    return "".join(_harmless(character) for character in text)


def _harmless(character: str) -> str:
    if character in "\n\r\t":
        return " "
    # Cc: control; Cf: format (direction marks, zero-width); Cs: half a character; Zl, Zp: line ends.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != _JOINER:
        return "�"
    return character


_JOINER = "\u200d"  # holds emoji together and does nothing else
