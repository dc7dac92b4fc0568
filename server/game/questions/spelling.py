"""When two written responses are the same one, and when a difference is only a slip of typing."""

from __future__ import annotations

import re
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
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, marks and signs that look like nothing."""
_TATWEEL = "\u0640"
_SAME_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2044": "/", "\u066b": "."})
"""What Unicode has besides a keyboard's minus, the dash that may stand for it, stroke and decimal point."""
_NASALS = re.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])")
"""In Hindi a nasal before a consonant of its own kind may be written as a dot, the anusvara."""

_SLIPS = ((14, 3), (9, 2), (5, 1))
"""From so many letters on, so many slips are allowed."""
MOST_SLIPS = 3
_REACH = 4 * MOST_SLIPS
"""No slip of a word is as near to what lies further from the word than this.

With two exchanged letters as one slip, the triangle inequality holds within a factor of two.
"""
_WITHOUT_SLIPS = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL")
"""Scripts of which one character is a syllable or a word."""


def cleaned(raw: str) -> str:
    """Return a text as a screen may show it: NFC, single spaces, nothing invisible, no piles of marks."""
    characters: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", "".join(map(_shown, raw))):
        if character not in _JOINERS:  # which part no pile
            marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            characters.append(character)
    text = " ".join("".join(characters).split())
    is_seen = any(c not in _JOINERS + " " and ord(c) not in _VARIATION_SELECTORS for c in text)
    return text if is_seen else ""


def _shown(character: str) -> str:
    """Return the character as it may be shown: a space for a new line, nothing for what nobody sees."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    is_unseen = category in _UNSEEN or character in _BLANKS
    return "" if is_unseen and character not in _JOINERS else character


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
        if category != "Cf" and character not in _BLANKS and character != _TATWEEL:
            is_accented = unicodedata.name(character, "").startswith(_ACCENTED)
            letters.append(str(unicodedata.decimal(character, character)))
    plain = _NASALS.sub("ं", "".join(letters).translate(_SAME_SIGNS))
    spaced = "".join(
        character if unicodedata.category(character)[0] not in "PZC" else _meant(plain, n)
        for n, character in enumerate(plain)
    )
    plain = unicodedata.normalize("NFC", spaced.translate(_UNDECOMPOSED))
    joined = unicodedata.normalize("NFC", _letters_joined(plain.split()))
    return joined or " ".join(text.casefold().split())


def _meant(text: str, n: int) -> str:
    """Return what is left of a punctuation mark: itself where it means something, a comma between digits as a
    point, else a space."""
    mark, before, after = text[n], text[n - 1 : n], text[n + 1 : n + 2]
    if mark in ".,/:" and before.isdecimal() and after.isdecimal():
        return "." if mark == "," else mark
    if mark == "-" and after.isdecimal() and not (before and _is_joined_by_hyphens(before)):
        return mark
    return mark if mark == "#" and before.isalpha() else " "


def _is_joined_by_hyphens(character: str) -> bool:
    """Tell whether a hyphen after this is one, and no minus: a letter, a mark, a digit, another hyphen."""
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Pd"


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
    nearest = min((distance(word, other) for other in _near(word, others, distance)), default=slips + 1)
    return max(0, min(slips, nearest - 1))


@lru_cache(maxsize=8_192)
def _near(word: str, others: tuple[str, ...], distance: Distance) -> tuple[str, ...]:
    """Return those of the others that a slip of the word can be near to: few, where a bank has thousands."""
    return tuple(
        other
        for other in others
        if other != word and abs(len(other) - len(word)) <= _REACH and distance(word, other) <= _REACH
    )


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
    no short word passes for another behind a long one), with the same numbers; and it is nearer to that one
    than to any of the others.
    """
    if response.replace(" ", "") == word.replace(" ", ""):
        return _numbers(response) == _numbers(word) and response not in others
    if abs(len(response) - len(word)) > MOST_SLIPS:
        return False
    slips = distance(response, word)
    if slips > MOST_SLIPS or slips > allowance(word, others, distance):
        return False
    if _numbers(response) != _numbers(word):
        return False
    given, meant = response.split(), word.split()
    return (
        len(given) == len(meant)
        and all(distance(one, other) <= _forgiven(other) for one, other in zip(given, meant, strict=True))
        and all(slips < distance(response, other) for other in _near(word, others, distance))
    )


def _numbers(text: str) -> list[str]:
    """Return the numbers of a normal form, in which a sign or a space counts as much as a digit."""
    return "".join(c if c.isnumeric() or c in "-./:" else " " for c in text).split()
