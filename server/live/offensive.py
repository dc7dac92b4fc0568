"""A small filter for what is typed: words that no teacher wants on the wall, in many classes' languages.

It looks at whole words, so that Scunthorpe, Essex, a shiitake or a snigger pass, and knows the usual ways
around it: figures and signs for letters, letters repeated or set apart, accents, Cyrillic look-alikes. It
holds what is rude in itself and nothing that is rude in one language and a word in another (the French
“bite”); the host hides the rest with one tap. What it catches costs its author nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

# Each language on lines of its own: English, French, German, Spanish with Portuguese and Italian, Polish with
# Turkish and Dutch, Russian, Arabic with Chinese.
_WHOLE = """
arsehole asshole bastard bitch bollocks boner bullshit cock cocksucker coon cunt dickhead dildo faggot
jerkoff jizz kike milf nigga nigger penis piss porn porno prick pussy queef retard shit shithead slut
spastic tits titties twat vagina wank wanker whore
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
_ANYWHERE = ("fuck", "motherf", "cuntface", "heilhitler", "siegheil")
"""Parts of words that are in no harmless one."""
_ENDINGS = "|s|es|ed|er|ers|ing|in|y|face|head|hole"

_SIGNS = {
    "a": "a4@", "b": "b8", "e": "e3€", "g": "g9", "i": "i1!|",
    "l": "l1|", "o": "o0", "s": "s5$", "t": "t7+", "z": "z2",
}  # fmt: skip
"""What stands for a letter besides itself; a star stands for any vowel."""
_VOWELS = "aeiou"
_CYRILLIC, _LATIN = "асеорхуіѕјкмнтв", "aceopxyisjkmhtb"
_LOOK_ALIKES = (str.maketrans(_CYRILLIC, _LATIN), str.maketrans(_LATIN, _CYRILLIC))


def _pattern(word: str) -> str:
    """Return what matches a word with its letters repeated or replaced; a doubled letter stays doubled."""
    runs = [match.group() for match in re.finditer(r"(.)\1*", _plain(word))]
    return "".join(
        f"[{re.escape(_SIGNS.get(run[0], run[0]) + ('*' if run[0] in _VOWELS else ''))}]{{{len(run)},}}"
        for run in runs
    )


def _plain(text: str) -> str:
    """Return the text without case, accents and width."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


_WHOLE_PATTERN = re.compile(f"(?:{'|'.join(map(_pattern, _WHOLE.split()))})(?:{_ENDINGS})")
_ANYWHERE_PATTERN = re.compile("|".join(map(_pattern, _ANYWHERE)))
_BETWEEN_WORDS = re.compile(r"[^\w@€!|$+*]+|_")


@lru_cache(maxsize=2_048)
def is_offensive(text: str) -> bool:
    """Tell whether a text holds a word that the filter knows."""
    plain = _plain(text)
    return any(_is_bad(version) for version in (plain, *map(plain.translate, _LOOK_ALIKES)))


def _is_bad(plain: str) -> bool:
    words = [word for word in _BETWEEN_WORDS.split(plain) if word]
    for word in [*words, *_set_apart(words)]:
        for form in {word, word.strip("!|+*")}:
            if _WHOLE_PATTERN.fullmatch(form) or _ANYWHERE_PATTERN.search(form):
                return True
    return False


def _set_apart(words: list[str]) -> list[str]:
    """Return the words that single letters make in a row, and the one that a text of mere syllables makes."""
    runs = ["".join(run) for is_single, run in groupby(words, lambda word: len(word) == 1) if is_single]
    return [*runs, "".join(words)] if all(len(word) <= 2 for word in words) else runs
