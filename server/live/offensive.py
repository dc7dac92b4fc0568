"""A small filter for what is typed and for names: words that no teacher wants on the wall, in many
languages.

It looks at whole words, so that Scunthorpe, Essex, a shiitake or a snigger pass, and knows the usual
ways around it: figures and signs for letters, letters repeated or set apart, accents, invisible signs,
letters of other scripts and of Unicode's fancier alphabets. It holds what is rude in itself and nothing
that is rude in one language and a word in another (the French “bite”), nor in one and a name in another
(Dick, Fanny, Gay); the host hides or renames the rest with one tap. What it catches in an answer costs
its author nothing; a name it only asks to be another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, pairwise

# Each language on lines of its own: English, French, German, Spanish with Portuguese and Italian, Polish with
# Turkish and Dutch, Russian, Arabic with Chinese.
_WHOLE = """
arsehole asshole bastard bitch bollocks boner bullshit cock cocksucker coon cunt dickhead dildo faggot
fuck fukk phuck fcuk jerkoff jizz kike milf nigga nigger penis piss porn porno prick pussy queef retard shit
shithead slut spastic tits titties twat vagina wank wanker whore
batard bougnoule connard connasse encule enculer merde nique niquer pd pede petasse putain salope
arschloch fick ficken fotze hure hurensohn kanake missgeburt neger nutte scheisse schlampe schwuchtel
wichser
cabron carajo caralho cazzo chinga coglione coño culero foda gilipollas joder maricon merda mierda
pendejo porra puta puto puttana stronzo vaffanculo viado zorra
chuj cipa dziwka kurwa pizda amcik orospu siktir yarrak kanker kutwijf neuken
блядь блять бля гандон ебать ебаный залупа мудак пидор пидорас пизда пиздец сука хуй хуйня шлюха
شرموطة قحبة كسمك 傻逼 操你妈 他妈的 婊子
"""
"""Words that are rude by themselves."""
_ANYWHERE = ("fuck", "phuck", "motherf", "cuntface", "heilhitler", "siegheil")
"""Parts of words that are in no harmless one."""
_STRONG = ("fuck", "phuck", "nigger", "nigga", "heilhitler", "siegheil")
"""What no two words make by chance."""
_ALSO_NAMES = re.compile(
    r"\b(?:boner|cipa|cocker|cocking|cocks|coon|coons|fick|ficker|foda|huré|kike|neger|nique|pd|pede|porra|porras|twatt|wank"
    r"|zorra|(?:de|den|der|le|van) cock|ph[uú]c(?= k\b))\b"
)
"""Rude words that people are called too; spelled plainly they pass as a name."""
_ENDINGS = "|s|es|ed|er|ers|ing|in|y|face|head|hole"

_SIGNS = {
    "a": "a4@", "b": "b8", "c": "c¢©(<", "e": "e3€", "g": "g69", "i": "i1!|",
    "l": "l1|", "o": "o0", "s": "s5$", "t": "t7+", "u": "uvμ", "z": "z2",
}  # fmt: skip
"""What stands for a letter besides itself; a star stands for any vowel."""
_VOWELS = "aeiou"
_CYRILLIC, _LATIN = "асеорхуіѕјкмнтв", "aceopxyisjkmhtb"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(
    _CYRILLIC + "ԁһԛԝипцяш" + "αβγεηικλμνορστυχωϲ" + "ոսցհքօսարիոյտԁեկդ",
    _LATIN + "dhqwnnurw" + "abyenikamvopotuxwc" + "nughqouarinjtdekq",
)
"""Letters of Cyrillic, Greek and Armenian by the Latin ones that they look like."""
_LATIN_NAME = re.compile(
    r".*?(?:LATIN|INDICATOR SYMBOL)\b.*?\bLETTER "
    r"(?:SMALL CAPITAL |TURNED |REVERSED |DOTLESS |SCRIPT |OPEN |SIDEWAYS )*"
    r"([A-Z])(?: .*)?"
)
"""What Unicode calls a letter of its Latin alphabets: in squares, as a flag, with a stroke, turned."""
_UNSEEN = {"Mn", "Me", "Cf", "Cc"}
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800\u0640'’ʼ`´")
"""Fillers, stretchers and apostrophes: a word goes on through them."""


def _pattern(word: str) -> str:
    """Return what matches a word with its letters repeated or replaced; a doubled letter stays doubled."""
    runs = [match.group() for match in re.finditer(r"(.)\1*", _plain(word))]
    return "".join(
        f"[{re.escape(_SIGNS.get(run[0], run[0]) + ('*' if run[0] in _VOWELS else ''))}]{{{len(run)},}}"
        for run in runs
    )


def _plain(text: str) -> str:
    """Return the text in small letters without accents, width, ornament and what nobody sees."""
    decomposed = unicodedata.normalize("NFKD", text)
    seen = "".join(c for c in decomposed if unicodedata.category(c) not in _UNSEEN and c not in _BLANK)
    return "".join(map(_base, seen)).casefold()


def _base(character: str) -> str:
    if character.isascii():
        return character
    name = _LATIN_NAME.fullmatch(unicodedata.name(character, ""))
    return name[1] if name else character


_WHOLE_PATTERN = re.compile(f"(?:{'|'.join(map(_pattern, _WHOLE.split()))})(?:{_ENDINGS})")
_ANYWHERE_PATTERN = re.compile("|".join(map(_pattern, _ANYWHERE)))
_STRONG_PATTERN = re.compile(f"(?:{'|'.join(map(_pattern, _STRONG))})(?:{_ENDINGS})")
_BETWEEN_WORDS = re.compile(r"[^\w@€!|$+*¢©(<µ]+|_")
_SIGNS_AROUND = "!|+*(<"
_INITIAL = re.compile(r"\b\w\.(?=\s)")


@lru_cache(maxsize=2_048)
def is_offensive(text: str) -> bool:
    """Tell whether a text holds a word that the filter knows."""
    plain = _plain(text)
    return any(_is_bad(version) for version in _versions(plain))


@lru_cache(maxsize=2_048)
def is_offensive_name(name: str) -> bool:
    """Tell whether a name holds a word that the filter knows and nobody is called.

    An initial beside a name (Wan K, S. Hitt) and short syllables (Pu Ta) are not read as one word.
    """
    rest = _ALSO_NAMES.sub(" ", unicodedata.normalize("NFC", name).casefold())
    plain = _plain(rest)
    is_spelled_as_a_name = all(map(_is_like_a_name, name.split()))
    return any(_is_bad(version, is_spelled_as_a_name=is_spelled_as_a_name) for version in _versions(plain))


def _is_like_a_name(word: str) -> bool:
    """Tell an initial, and a syllable with a capital and a vowel, from a bit of a word that was cut up."""
    letters = word.rstrip(".")
    plain = _plain(word)
    return letters[:1].isupper() and (len(letters) == 1 or any(v in plain for v in "aeiouy"))


def _versions(plain: str) -> set[str]:
    return {plain, plain.translate(_TO_LATIN), plain.translate(_TO_CYRILLIC)}


def _is_bad(plain: str, *, is_spelled_as_a_name: bool = False) -> bool:
    chunks = plain.split()
    words = [word for word in _BETWEEN_WORDS.split(plain) if word]
    unbroken = ["".join(_BETWEEN_WORDS.split(chunk)) for chunk in chunks]
    for word in [*words, *unbroken]:
        for form in {word, word.strip(_SIGNS_AROUND)}:
            if _WHOLE_PATTERN.fullmatch(form) or _ANYWHERE_PATTERN.search(form):
                return True
    pattern = _STRONG_PATTERN if is_spelled_as_a_name else _WHOLE_PATTERN
    apart = [word for word in _BETWEEN_WORDS.split(_INITIAL.sub(" . ", plain)) if word]
    return any(pattern.fullmatch(word) for word in [*_set_apart(words), *_with_single_letters(apart)]) or any(
        _STRONG_PATTERN.fullmatch(one + other) for one, other in pairwise(apart)
    )


def _set_apart(words: list[str]) -> list[str]:
    """Return the words that single letters make in a row, and the one that a text of mere syllables makes."""
    runs = ["".join(run) for is_single, run in groupby(words, lambda word: len(word) == 1) if is_single]
    return [*runs, "".join(words)] if all(len(word) <= 2 for word in words) else runs


def _with_single_letters(words: list[str]) -> list[str]:
    """Return what a single consonant makes with the word beside it; a single vowel is often a word itself."""
    return [
        one + other
        for one, other in pairwise(words)
        if any(len(word) == 1 and word.isalpha() and word not in "aeiouy" for word in (one, other))
    ]
