"""Words by which a program notices how a question is asked, in the languages that it knows.

In another language the rules that need them say nothing.
"""

from __future__ import annotations

import re
import unicodedata

_CHARACTERS_A_WORD = 1.6
"""Chinese and Japanese have no spaces; a word has so many of their characters."""
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|「[^」]*」|‘[^’]*’|\"[^\"]*\"")
_SENTENCES = re.compile(r"(?<=[.!?…。！？؟])\s*")

_NEGATIVE = {
    "ar": r"ليس|ليست|ليسوا|لا|لم|لن|عدا|باستثناء|سوى",
    "de": r"nicht|kein|keine|keinen|keiner|keines|keinem|außer|nie|niemals",
    "en": r"not|cannot|\w+n[’']t|never|except|none|neither|nor",
    "es": r"no|nunca|excepto|salvo|ninguno|ninguna|ningún|jamás",
    "fr": r"pas|jamais|sauf|excepté|aucun|aucune|hormis",
    "ru": r"не|нет|никогда|кроме|исключением|нельзя|ни",
}
_NEGATIVE_ZH = r"不是|不属于|不包括|不能|不会|不应|没有|并非|除了|除外"
"""Without spaces between words."""

_ABOVE = {
    "ar": r"(كل|جميع) ما (سبق|ذكر)|لا شيء مما|كلاهما|جميع الإجابات",
    "de": r"(alle|keine|keines|beide)\b.*\b(oben|antworten|genannten|davon)|(alles|nichts) davon",
    "en": r"\b(all|none|both|any|neither) of (the (above|others?|options|answers)|these|them|those)\b"
    r"|\b(both|neither) [a-h1-8] (and|nor) [a-h1-8]\b",
    "es": r"(todas?|todos?|ningun[oa]|ambas?|ambos?)\b.*\b(anterior(es)?|respuestas|opciones)"
    r"|(todo|nada) lo anterior",
    "fr": r"(tou(te)?s|aucune?|les deux)\b.*\b(ci-dessus|réponses|précédente?s|propositions)",
    "ru": r"(всё|все|ничего|ни одно|ни один|оба|обе)\b.*\b(перечисленн|вышеперечисленн|ответ|вариант)",
    "zh": r"以上|(都|均)(是|不是|正确|对)$|上述(各项|所有)",
}
_ARTICLES = {
    "de": r"der|die|das|ein|eine|einen|einem|einer",
    "en": r"a|an|the",
    "es": r"el|la|los|las|un|una",
    "fr": r"le|la|les|un|une|l’",
}


def words(text: str) -> list[str]:
    """Return the words of a text; of Chinese or Japanese about as many pieces as it has words."""
    spaced = _IDEOGRAPHS.sub(" ", text)
    pieces = [piece for piece in spaced.split() if any(map(str.isalnum, piece))]
    return pieces + [""] * round(len(_IDEOGRAPHS.findall(text)) / _CHARACTERS_A_WORD)


def units(text: str) -> int:
    """Return how long a text looks: a wide character counts twice, a mark on another not at all."""
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
        if not unicodedata.combining(character)
    )


def negative_words(stem: str, lang: str) -> list[str]:
    """Return the words that turn a question round and are not set off, by capitals or quotation marks.

    Only the last sentence asks; what is quoted in it is somebody else's.
    """
    asking = _SENTENCES.split(stem.strip())
    last = _QUOTED.sub(" ", next((sentence for sentence in reversed(asking) if sentence.strip()), ""))
    if _base(lang) == "zh":
        return re.findall(_NEGATIVE_ZH, last)
    pattern = _NEGATIVE.get(_base(lang))
    found = re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", last, re.IGNORECASE) if pattern else []
    return [word for word in found if word.upper() == word.lower() or word.upper() != word]


def all_of_the_above(option: str, lang: str) -> bool:
    """Tell whether an option speaks of the other options instead of the matter."""
    pattern = _ABOVE.get(_base(lang))
    return bool(pattern and re.search(pattern, option, re.IGNORECASE))


def article_at_end(stem: str, lang: str) -> str:
    """Return the article that a stem ends with, for an option to follow; empty where it does not."""
    pattern = _ARTICLES.get(_base(lang))
    found = re.search(rf"(?<!\w)({pattern})[\s…:_]*$", stem, re.IGNORECASE) if pattern else None
    return found[1] if found else ""


def _base(lang: str) -> str:
    """Return the language without its region or script."""
    return lang.split("-")[0].lower()
