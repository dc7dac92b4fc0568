"""When two written responses are the same one, and when a difference is only a slip of typing."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from .base import Distance

MAX_MARKS = 3
"""Combining marks in a row: Vietnamese, Thai and Hindi need up to three; a pile of more is a prank."""

_ACCENTED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
"""Scripts in which one writes a mark or leaves it out; in others, such as Thai or Hindi, it is a vowel."""
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian and emoji are written with them."""
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take apart."""

_UNSEEN = ("Cf", "Cs", "Co", "Cn")
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters and signs that look like nothing."""
_TATWEEL = "\u0640"
_SAME_SIGNS = str.maketrans({"\u2212": "-", "\u2044": "/"})
"""The minus and the fraction's stroke that Unicode has besides those of a keyboard."""

_SLIPS = ((14, 3), (9, 2), (5, 1))
"""From so many letters on, so many slips are allowed."""
MOST_SLIPS = 3
_WITHOUT_SLIPS = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL")
"""Scripts of which one character is a syllable or a word."""


def cleaned(raw: str) -> str:
    """Return a text as a screen may show it: NFC, single spaces, nothing invisible, no piles of marks."""
    characters: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", raw):
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            character = " "
        elif (category in _UNSEEN and character not in _JOINERS) or character in _BLANKS:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            characters.append(character)
    text = " ".join("".join(characters).split())
    return text if text.strip(_JOINERS + " ") else ""


@lru_cache(maxsize=8_192)
def normal_form(text: str) -> str:
    """Return what equal responses have in common: no case, no accents, punctuation as single spaces.

    Punctuation that means something stays: what stands between two digits (“1.5” is not “15”), a minus before
    a number, and what follows a letter in “C#” or “C++”. Letters that stand alone are joined, so that “U.N.”
    is “UN”. A text of nothing but punctuation is itself.
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
        if category != "Cf" and character not in _BLANKS and character != _TATWEEL:
            letters.append(str(unicodedata.decimal(character, character)))
    plain = "".join(letters).translate(_SAME_SIGNS)
    spaced = "".join(
        character if unicodedata.category(character)[0] not in "PZC" else _meant(plain, n)
        for n, character in enumerate(plain)
    )
    plain = unicodedata.normalize("NFC", spaced.translate(_UNDECOMPOSED))
    return _letters_joined(plain.split()) or " ".join(text.casefold().split())


def _meant(text: str, n: int) -> str:
    """Return what is left of a punctuation mark: itself where it means something, a comma between digits as a
    point, else a space."""
    mark, before, after = text[n], text[n - 1 : n], text[n + 1 : n + 2]
    if mark in ".,/:" and before.isdecimal() and after.isdecimal():
        return "." if mark == "," else mark
    if mark == "-" and after.isdecimal() and (not before or unicodedata.category(before) in _BEFORE_A_MINUS):
        return mark
    return mark if mark == "#" and before.isalpha() else " "


_BEFORE_A_MINUS = ("Zs", "Cc", "Sm", "Ps")


def _letters_joined(words: list[str]) -> str:
    joined: list[str] = []
    is_after_letter = False
    for word in words:
        is_letter = len(word) == 1 and word.isalpha()
        if is_after_letter and is_letter:
            joined[-1] += word
        else:
            joined.append(word)
        is_after_letter = is_letter
    return " ".join(joined)


@lru_cache(maxsize=8_192)
def allowance(word: str, others: tuple[str, ...], distance: Distance) -> int:
    """Return how many slips of a normal form still mean it.

    0 up to 4 letters, 1 from 5, 2 from 9, 3 from 14, and always fewer than lie between it and each of the
    others, which mean something else: no slip turns one into another.
    """
    slips = _forgiven(word)
    nearest = min((distance(word, other) for other in others if other != word), default=slips + 1)
    return max(0, min(slips, nearest - 1))


@lru_cache(maxsize=8_192)
def _forgiven(word: str) -> int:
    """Return how many slips a word of this length and script is forgiven."""
    if any(unicodedata.name(character, "").startswith(_WITHOUT_SLIPS) for character in word):
        return 0
    letters = len(word.replace(" ", ""))
    return next((slips for length, slips in _SLIPS if letters >= length), 0)


def is_slip_of(response: str, word: str, others: tuple[str, ...], distance: Distance) -> bool:
    """Tell whether one normal form is meant for another.

    It is where the two differ in nothing but spaces, or are near enough as a whole and word by word (so that
    no short word passes for another behind a long one), with the same digits; and it is nearer to that one
    than to any of the others.
    """
    if response.replace(" ", "") == word.replace(" ", ""):
        return response not in others
    if abs(len(response) - len(word)) > MOST_SLIPS:
        return False
    slips = distance(response, word)
    if slips > MOST_SLIPS or slips > allowance(word, others, distance) or _digits(response) != _digits(word):
        return False
    given, meant = response.split(), word.split()
    return (
        len(given) == len(meant)
        and all(distance(one, other) <= _forgiven(other) for one, other in zip(given, meant, strict=True))
        and all(slips < distance(response, other) for other in others)
    )


def _digits(text: str) -> list[str]:
    return [character for character in text if character.isnumeric()]
