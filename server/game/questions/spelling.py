"""When two written responses are the same one, and when a difference is only a slip of typing."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .base import Distance

MAX_MARKS = 3
"""Combining marks in a row: Vietnamese, Thai and Hindi need up to three; a pile of more is a prank."""

_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts in which a mark is an accent; in others, such as Thai or Hindi, it is a vowel."""
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian and emoji are written with them."""
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take apart."""

_SLIPS = ((14, 3), (9, 2), (5, 1))
"""From so many letters on, so many slips are allowed."""


def cleaned(raw: str) -> str:
    """Return a text as a screen may show it: NFC, single spaces, nothing invisible, no piles of marks."""
    characters: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", raw):
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            character = " "
        elif category in ("Cs", "Co", "Cn") or (category == "Cf" and character not in _JOINERS):
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            characters.append(character)
    return " ".join("".join(characters).split())


@lru_cache(maxsize=8_192)
def normal_form(text: str) -> str:
    """Return what equal responses have in common: no case, no accents, punctuation as single spaces.

    Letters that stand alone are joined, so that “U.N.” is “UN”. A text of nothing but punctuation is itself.
    """
    letters: list[str] = []
    is_accented = False
    for character in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()):
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            if not is_accented and ord(character) not in _VARIATION_SELECTORS:
                letters.append(character)
            continue
        is_accented = unicodedata.name(character, "").startswith(_ACCENTED)
        if category == "Cf":
            continue
        letters.append(" " if category[0] in "PZC" else character)
    plain = unicodedata.normalize("NFC", "".join(letters).translate(_UNDECOMPOSED))
    return _letters_joined(plain.split()) or " ".join(text.casefold().split())


def _letters_joined(words: list[str]) -> str:
    joined: list[str] = []
    is_after_letter = False
    for word in words:
        if is_after_letter and len(word) == 1:
            joined[-1] += word
        else:
            joined.append(word)
        is_after_letter = len(word) == 1
    return " ".join(joined)


@lru_cache(maxsize=8_192)
def allowance(word: str, others: tuple[str, ...], distance: Distance) -> int:
    """Return how many slips of a normal form still mean it.

    0 up to 4 letters, 1 from 5, 2 from 9, 3 from 14, and always fewer than lie between it and each of the
    others, which mean something else: no slip turns one into another.
    """
    letters = len(word.replace(" ", ""))
    slips = next((slips for length, slips in _SLIPS if letters >= length), 0)
    nearest = min((distance(word, other) for other in others if other != word), default=slips + 1)
    return max(0, min(slips, nearest - 1))


def is_slip_of(response: str, word: str, others: tuple[str, ...], distance: Distance) -> bool:
    """Tell whether one normal form is meant for another: near enough, the same digits, and nearer to it
    than to any of the others."""
    slips = distance(response, word)
    if slips > allowance(word, others, distance) or _digits(response) != _digits(word):
        return False
    return all(slips < distance(response, other) for other in others)


def _digits(text: str) -> list[str]:
    return [character for character in text if character.isnumeric()]
