"""What a nickname may be: 1 to 20 characters after NFKC, nothing invisible, nothing that reorders text."""

from __future__ import annotations

import re
import unicodedata

from .errors import NicknameRefused

MAX_LENGTH = 20
MAX_MARKS = 3
"""Combining marks in a row: Vietnamese, Thai and Hindi need up to three; a pile of more is a prank."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidi and zero-width among them), surrogate, private, unassigned, separators."""

_BLANK = set("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
"""Characters that count as letters, symbols or marks and show nothing."""

_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Phones put one behind an emoji; behind a letter it shows nothing and would make a second "Ada"."""


def clean_nickname(raw: str) -> str:
    """Return the nickname in its normal form, single spaces between words.

    Raises:
        NicknameRefused: it is empty, too long, or holds a character that a screen cannot show safely.
    """
    nickname = unicodedata.normalize("NFKC", _VARIATION_SELECTORS.sub("", raw))
    nickname = re.sub(r"\s+", " ", nickname).strip()
    if not nickname:
        raise NicknameRefused("Write a name of 1 to 20 characters.")
    if len(nickname) > MAX_LENGTH:
        raise NicknameRefused(f"That name is too long; use at most {MAX_LENGTH} characters.")
    marks = 0
    for character in nickname:
        category = unicodedata.category(character)
        if category in _INVISIBLE or character in _BLANK:
            raise NicknameRefused("That name holds an invisible character; use letters, digits and signs.")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MAX_MARKS:
            raise NicknameRefused("That name piles up too many accents on one letter; use fewer.")
    return nickname


def same_name(nickname: str) -> str:
    """Return what two nicknames have in common when a class would take them for the same one."""
    return unicodedata.normalize("NFKC", nickname.casefold()).casefold()
