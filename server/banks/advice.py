"""What could be better in a bank that can be played: the rules of good item writing.

They are those of the textbooks: Haladyna, Downing and Rodriguez, “A Review of Multiple-Choice Item-Writing
Guidelines for Classroom Assessment”, Applied Measurement in Education 15 (2002), as far as a program can see
them. A question in several languages is looked at in each.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from rapidfuzz.fuzz import ratio

from server.game.questions import (
    OPTION_IDS,
    Choice,
    Multi,
    Numeric,
    Option,
    PollOption,
    Question,
    Text,
    TrueFalse,
    Typed,
    in_language,
    languages_of,
    normal_form,
)

from .bank import Bank
from .loader import language_maps
from .problems import Place, Problem, as_name
from .reading import Source
from .wordings import all_of_the_above, article_at_end, negative_words, units, words

LONGEST_STEM = 40
"""Words."""
UNEVEN_TIMES, UNEVEN_MORE = 2.0, 15
"""Options differ in length where the longest has so many times the characters of the shortest, and so many
more."""
SELDOM = 0.05
"""So rarely, or more rarely, chance alone gives what a bank is told of its keys."""
ALIKE = 90
"""Per cent of two stems that are the same."""
MOST_COMPARED = 1_000
"""Stems that are compared with each other, letter by letter: their pairs grow with the square."""
MOST_READ = 1_000
"""Characters of a text in which words are looked for."""
TAPPING_MS = 5_000
"""What it takes to answer, once all is read."""
SHORTEST_CLUE = 4
"""Characters of a text that gives itself away by standing in the stem."""

Advice = tuple[Place, str]
"""Where in the bank, and what could be better there and how."""


def advice_on(bank: Bank, source: Source, path: Path) -> list[Problem]:
    """Return what could be better in a bank, in the order of its lines; `source` is what its file says."""
    found = dict.fromkeys(_advice(bank))
    problems = [
        Problem(path, source.line_of(place), source.question_at(place), f"{as_name(place)} {message}")
        for place, message in found
    ]
    return sorted(problems, key=lambda problem: problem.line or 0)


def _advice(bank: Bank) -> Iterator[Advice]:
    for n, question in enumerate(bank.questions):
        for rule in _OF_A_QUESTION:
            yield from _within(n, rule(question))
        for lang in sorted(_languages(question) or {bank.language}):
            for spoken in _OF_A_LANGUAGE:
                yield from _within(n, spoken(question, lang))
    for of_all in _OF_A_BANK:
        yield from of_all(bank)


def _within(n: int, advice: Iterable[Advice]) -> Iterator[Advice]:
    for place, message in advice:
        yield ("questions", n, *place), message


# --- of a question, whatever its language ---------------------------------------------------------------


def _explained(question: Question) -> Iterator[Advice]:
    if question.has_key and question.explanation is None:
        yield ("explanation",), "is missing; say in a sentence or two what the class should take away"


def _one_clear_key(question: Question) -> Iterator[Advice]:
    if isinstance(question, Multi):
        right = len(question.right_ids())
        if right == len(question.options):
            yield ("options",), "are all right, so nothing tells who knows; add one that is wrong"
        elif right == 1:
            yield ("options",), "have one right one; make the question a `choice`, or mark the others"


def _time_to_read(question: Question) -> Iterator[Advice]:
    if not question.has_responses:
        return
    needed_s = -(-(question.slow_reading_ms() + TAPPING_MS) // 1000)
    if question.time_ms() < needed_s * 1000:
        given = (
            f"is {question.time} s"
            if question.time
            else f"is left out, which gives {question.time_ms() // 1000} s"
        )
        longer = f"write {needed_s} or more" + (", or delete the line" if question.time else "")
        yield ("time",), f"{given}; a slow reader needs {needed_s} s for so much text, so {longer}"


_OF_A_QUESTION: tuple[Callable[[Question], Iterator[Advice]], ...] = (
    _explained,
    _one_clear_key,
    _time_to_read,
)


# --- of a question in one of its languages ----------------------------------------------------------------


def _stem(question: Question, lang: str) -> tuple[Place, str]:
    return _at(("stem",), question.stem, lang)


def _options(question: Question, lang: str) -> list[tuple[Place, str]]:
    """Return the text of each option that the bank writes, and its place."""
    return [_at(("options", n, "text"), option.text, lang) for n, option in enumerate(_written(question))]


def _written(question: Question) -> Sequence[Option | PollOption]:
    options: Sequence[Option | PollOption] = getattr(question, "options", ())
    return options


def _at(place: Place, text: Text, lang: str) -> tuple[Place, str]:
    where = (*place, lang) if isinstance(text, dict) and lang in text else place
    return where, in_language(text, lang, "")[:MOST_READ]


def _short_stem(question: Question, lang: str) -> Iterator[Advice]:
    place, _ = _stem(question, lang)
    count = len(words(in_language(question.stem, lang, "")))
    if count > LONGEST_STEM and question.time is None and question.has_responses:
        yield (
            place,
            f"has {count} words; the usual time is for {LONGEST_STEM}, so shorten it, or add `time: …`",
        )


def _negative_set_off(question: Question, lang: str) -> Iterator[Advice]:
    if not isinstance(question, Choice | Multi):
        return
    place, stem = _stem(question, lang)
    for word in negative_words(stem, lang):
        set_off = word.upper() if word.upper() != word else f"“{word}”"
        yield (
            place,
            f"asks for what is not so, with the word “{word}”, which is easily missed; "
            f"ask for what is so, or set the word off: {set_off}",
        )


def _nothing_above(question: Question, lang: str) -> Iterator[Advice]:
    for place, text in _options(question, lang):
        if all_of_the_above(text, lang):
            yield (
                place,
                "refers to the other options, which helps who guesses; write an option of its own, "
                "or make the question a `multi`",
            )


def _alike_in_length(question: Question, lang: str) -> Iterator[Advice]:
    options = _options(question, lang)
    if len(options) < 2:
        return
    sizes = [units(text) for _, text in options]
    longest, shortest = max(sizes), min(sizes)
    if longest >= shortest * UNEVEN_TIMES and longest - shortest > UNEVEN_MORE:
        place, _ = options[sizes.index(longest)]
        yield (
            place,
            f"is {longest / max(1, shortest):.1f} times as long as the shortest option; "
            "make the options alike in length, or the longest will be taken for the right one",
        )


def _alike_in_grammar(question: Question, lang: str) -> Iterator[Advice]:
    options = _options(question, lang)
    for is_so, one, other in (
        (_ends_a_sentence, "ends with a full stop", "has none at its end"),
        (_begins_small, "begins with a small letter", "begins with a capital"),
        (_is_number, "is a number", "is words"),
    ):
        odd = _odd_one([text for _, text in options], is_so)
        if odd is not None:
            place, text = options[odd]
            here, there = (one, other) if is_so(text) else (other, one)
            yield place, f"{here}, where another option {there}; write all options alike"
    place, stem = _stem(question, lang)
    if options and (article := article_at_end(stem, lang)):
        yield (
            place,
            f"ends with “{article}”, which fits some options better than others; move it into the options",
        )


def _odd_one(texts: Sequence[str], is_so: Callable[[str], bool]) -> int | None:
    """Return which text is unlike the most of them, None where all are alike."""
    answers = [is_so(text) for text in texts]
    if len(set(answers)) < 2:
        return None
    rarer = sum(answers) * 2 <= len(answers)
    return answers.index(rarer)


def _ends_a_sentence(text: str) -> bool:
    return bool(re.search(r"\w{3,}\.$|。$", text.strip()))


def _begins_small(text: str) -> bool:
    first = next((character for character in text if character.isalnum()), "")
    return first.islower()


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,%–-]+", text.strip()))


def _keeps_the_key(question: Question, lang: str) -> Iterator[Advice]:
    place, stem = _stem(question, lang)
    padded = f" {normal_form(stem)} "
    if isinstance(question, Typed):
        for text in question.accept:
            form = normal_form(in_language(text, lang, ""))
            if len(form) >= SHORTEST_CLUE and f" {form} " in padded:
                yield place, f"contains the answer “{in_language(text, lang, '')}”; ask without it"
    elif isinstance(question, Numeric):
        if f"{question.value:g}" in re.findall(r"\d+(?:\.\d+)?", stem):
            yield place, f"contains the answer, {question.value:g}; ask without it"
    elif isinstance(question, Choice):
        inside = [
            option
            for option, (_, text) in zip(question.options, _options(question, lang), strict=True)
            if len(form := normal_form(text)) >= SHORTEST_CLUE and f" {form} " in padded
        ]
        if len(inside) == 1 and inside[0].correct:
            yield place, "contains the right option word for word; ask without it"


_OF_A_LANGUAGE: tuple[Callable[[Question, str], Iterator[Advice]], ...] = (
    _short_stem,
    _negative_set_off,
    _nothing_above,
    _alike_in_length,
    _alike_in_grammar,
    _keeps_the_key,
)


# --- of a bank as a whole -----------------------------------------------------------------------------------


def _choices(bank: Bank) -> list[tuple[int, Choice]]:
    return [(n, question) for n, question in enumerate(bank.questions) if isinstance(question, Choice)]


def _longest_no_more_often_than_chance(bank: Bank) -> Iterator[Advice]:
    choices = _choices(bank)
    chances = [1 / len(question.options) for _, question in choices]
    spoken = {lang for _, question in choices for lang in _languages(question)} or {bank.language}
    for lang in sorted(spoken):
        longest = [(n, question) for n, question in choices if _is_key_the_longest(question, lang)]
        if _is_surprising(len(longest), chances):
            yield (
                ("questions", longest[0][0], "options"),
                f"have the right one as the longest ({lang}), as in {len(longest)} of {len(choices)}, "
                f"where chance gives {sum(chances):.0f}; shorten it in some of {_listed(longest)}, "
                "or lengthen the others",
            )


def _is_key_the_longest(question: Choice, lang: str) -> bool:
    sizes = [units(text) for _, text in _options(question, lang)]
    key = next(size for size, option in zip(sizes, question.options, strict=True) if option.correct)
    return sizes.count(key) == 1 and key == max(sizes)


def _keys_spread(bank: Bank) -> Iterator[Advice]:
    by_count: dict[int, list[tuple[int, Choice]]] = defaultdict(list)
    for n, question in _choices(bank):
        by_count[len(question.options)].append((n, question))
    for count, choices in sorted(by_count.items()):
        for place, id_ in enumerate(OPTION_IDS[:count], 1):
            here = [(n, question) for n, question in choices if question.right_ids() == (id_,)]
            if _is_surprising(len(here), [1 / count] * len(choices)):
                yield (
                    ("questions", here[0][0], "options"),
                    f"have the right one in place {place}, as in {len(here)} of {len(choices)} choices with "
                    f"{count} options; move it in some of {_listed(here)}",
                )


def _true_and_false(bank: Bank) -> Iterator[Advice]:
    sides = [(n, question) for n, question in enumerate(bank.questions) if isinstance(question, TrueFalse)]
    for is_true in (True, False):
        same = [(n, question) for n, question in sides if question.correct is is_true]
        if _is_surprising(len(same), [1 / 2] * len(sides)):
            yield (
                ("questions", same[0][0], "correct"),
                f"is {str(is_true).lower()}, as in {len(same)} of {len(sides)} statements; "
                f"turn some of {_listed(same)} round",
            )


def _is_surprising(count: int, chances: Sequence[float]) -> bool:
    """Tell whether so many or more would seldom come by chance (a Poisson binomial's tail, exactly)."""
    if count <= sum(chances):
        return False
    likely = [1.0]  # how likely none, one, two, … are
    for chance in chances:
        grown = [*likely, 0.0]
        for n, share in enumerate(likely):
            grown[n] -= share * chance
            grown[n + 1] += share * chance
        likely = grown
    return sum(likely[count:]) <= SELDOM


def _listed(questions: Iterable[tuple[int, Question]]) -> str:
    return ", ".join(f"“{question.id}”" for _, question in questions)


def _none_alike(bank: Bank) -> Iterator[Advice]:
    texts = [in_language(question.stem, bank.language, "") for question in bank.questions]
    stems = [normal_form(text[:MOST_READ]) for text in texts]
    rest = [_beside_the_stem(question, bank.language) for question in bank.questions]
    first: dict[str, int] = {}
    twins = {n: first[stem] for n, stem in enumerate(stems) if first.setdefault(stem, n) != n}
    for earlier, later in combinations(range(min(len(stems), MOST_COMPARED)), 2):
        if later in twins or rest[earlier] != rest[later]:
            continue
        if ratio(stems[earlier], stems[later], score_cutoff=ALIKE) >= ALIKE:
            twins[later] = earlier
    for later, earlier in twins.items():
        if rest[earlier] == rest[later]:
            yield (
                ("questions", later, "stem"),
                f"asks what “{bank.questions[earlier].id}” asks; "
                "delete one of the two, or ask for something else",
            )


def _beside_the_stem(question: Question, lang: str) -> tuple[object, ...]:
    """Return what two questions with nearly one stem have to share besides, to be the same."""
    numbers = tuple(re.findall(r"\d+", in_language(question.stem, lang, "")))
    if isinstance(question, TrueFalse):
        return numbers, question.type  # a statement and its opposite ask the same
    if isinstance(question, Choice | Multi):
        texts = [option.text for option in question.options if option.correct]
        return numbers, sorted(normal_form(in_language(text, lang, "")) for text in texts)
    if shown := question.options_texts():
        return numbers, question.type, [in_language(text, lang, "") for text in shown]
    return numbers, question.type, str(question.key(lang=lang))


def _translated(bank: Bank) -> Iterator[Advice]:
    stems = (question.stem for question in bank.questions)
    wanted = set[str]().union(*map(languages_of, (bank.title, bank.description, *stems)))
    for place, text in _texts(bank):
        if missing := sorted(wanted - (languages_of(text) or {bank.language})):
            yield (
                place,
                f"lacks {', '.join(missing)}, which other texts have; "
                f"add {', '.join(f'`{lang}: …`' for lang in missing)}",
            )


def _texts(bank: Bank) -> Iterator[tuple[Place, Text]]:
    """Yield what has to be there in each language: a plain text, such as a name, may be the same in all."""
    yield ("title",), bank.title
    yield ("description",), bank.description
    for n, question in enumerate(bank.questions):
        yield ("questions", n, "stem"), question.stem
        # What is typed may be fewer words in one language than in another.
        yield from (
            (("questions", n, *place), text)
            for place, text in language_maps(question, ())
            if place[0] not in ("stem", "accept", "refuse")
        )


def _languages(question: Question) -> set[str]:
    """Return the languages in which a question is asked."""
    options = (option.text for option in _written(question))
    return set[str]().union(*map(languages_of, (question.stem, *options)))


_OF_A_BANK: tuple[Callable[[Bank], Iterator[Advice]], ...] = (
    _longest_no_more_often_than_chance,
    _keys_spread,
    _true_and_false,
    _none_alike,
    _translated,
)
