"""A bank's file read into a `Bank`, or all that is wrong with it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Union

from pydantic import Discriminator, TypeAdapter, ValidationError

from server.game.questions import QUESTION_TYPES, Media, Question, Text, text_faults

from .bank import Bank
from .media import Pictures, place_of
from .pixels import PictureError
from .problems import MAX_SHOWN, BankError, Flaw, Place, Problem, as_name, shortened
from .reading import Source, read_yaml
from .remedies import closest, drawn_names, kind_of, remedies
from .rivals import MAX_ACCEPTED, is_too_much, with_rivals
from .stamps import Stamp, stamp_of

ENDINGS = (".yaml", ".yml")
MAX_BYTES = 1_048_576
# The parser reads about 600,000 characters a second, and the server waits for it.
MAX_CHARACTERS = 500_000
MAX_PICTURES = 200

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII | re.IGNORECASE)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Head:
    """What a bank says about itself, before its questions."""

    title: Text
    language: str
    description: Text

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


HEAD: TypeAdapter[_Head] = TypeAdapter(_Head)
_ANY_TYPE: Any = Annotated[Union[tuple(QUESTION_TYPES.values())], Discriminator("type")]  # noqa: UP007 (made at run time)
QUESTION: TypeAdapter[Question] = TypeAdapter(_ANY_TYPE)


def load_bank(path: Path, pictures: Pictures | None = None) -> Bank:
    """Return the bank that a file holds, its pictures looked at and, where `pictures` keeps them, copied.

    Raises:
        BankError: the file cannot be read or is not a bank; whatever it holds, nothing else is raised.
    """
    return read_bank(path, pictures)[0]


def read_bank(path: Path, pictures: Pictures | None = None) -> tuple[Bank, Source]:
    """Return the bank as `load_bank` does, and where in its file everything stands. Raises: BankError."""
    if path.suffix.lower() not in ENDINGS or not _ID.fullmatch(path.stem):
        raise _unreadable(
            path,
            "name the file with letters without accents, digits, - and _ only, and the ending .yaml",
        )
    source = read_yaml(_text_of(path))
    reader = _BankReader(source, path.parent, pictures or Pictures())
    bank = reader.read(path.stem) if source.is_whole else None
    if bank is None or source.flaws:
        raise BankError(_problems(path, source), reader.named_pictures)
    return bank, source


def _unreadable(path: Path, message: str, line: int | None = None) -> BankError:
    return BankError([Problem(path, line, None, message)])


def _text_of(path: Path) -> str:
    """Return the text of a file. Raises: BankError."""
    raw = _bytes_of(path)
    too_large = _unreadable(
        path,
        f"the file is too large: a bank has at most {MAX_CHARACTERS:,} characters and 1 MiB; "
        "split it into several",
    )
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(path, "this is not a text file; write a bank in a plain text editor")
    if len(raw) > MAX_BYTES:
        raise too_large
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(
            path,
            "the file is not in UTF-8; save it anew and choose the encoding “UTF-8”",
            raw.count(b"\n", 0, error.start) + 1,
        ) from error
    if len(text) > MAX_CHARACTERS:
        raise too_large
    return text


def _bytes_of(path: Path) -> bytes:
    """Return the bytes of a file, of one that is too large only the beginning. Raises: BankError."""
    try:
        if not path.exists():
            raise _unreadable(path, "there is no such file; check its name and folder")
        if not path.is_file():
            raise _unreadable(path, "this is not a file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            path, f"the file cannot be opened ({error.strerror}); check its name and who may read it"
        ) from error


def _problems(path: Path, source: Source) -> list[Problem]:
    """Return the flaws in the order of their lines; the end of a long list only by its number."""
    flaws = sorted(source.flaws, key=lambda flaw: flaw.line)
    problems = [
        Problem(path, flaw.line, source.question_at(flaw.place), flaw.message) for flaw in flaws[:MAX_SHOWN]
    ]
    if (more := len(flaws) - MAX_SHOWN) > 0:
        problems.append(Problem(path, None, None, f"{more:,} more mistakes; correct these first"))
    return problems


class _BankReader:
    """Reads plain values into a bank and adds what is wrong with them to the source's flaws."""

    def __init__(self, source: Source, folder: Path, pictures: Pictures) -> None:
        self.source = source
        self.folder = folder
        self.pictures = pictures
        self.named_pictures: dict[Path, Stamp] = {}
        self.language = ""

    def read(self, bank_id: str) -> Bank | None:
        data = self.source.data
        if not isinstance(data, dict):
            self._flaw(
                (), f"the file is {kind_of(data)}; begin it with `title: …`, `language: …`, `questions:`"
            )
            return None
        head = self._head({name: value for name, value in data.items() if name != "questions"})
        questions = list(self._questions(data))
        if is_too_much(questions):
            self._flaw(
                ("questions",),
                f"questions accept more than {MAX_ACCEPTED:,} texts in all; split the file into several",
            )
            return None
        if head is None:
            return None
        return Bank(
            bank_id,
            head.title,
            head.language,
            head.description,
            with_rivals(questions),
            self.named_pictures,
        )

    def _flaw(self, place: Place, message: str) -> None:
        self.source.flaws.append(Flaw(place, self.source.line_of(place), message))

    def _head(self, data: dict[str, Any]) -> _Head | None:
        language = data.get("language")
        if isinstance(language, str):
            if LANGUAGE.fullmatch(language):
                self.language = language
            else:
                self._flaw(("language",), f"language is “{shortened(language)}”; {_LANGUAGE_REMEDY}")
        try:
            head = HEAD.validate_json(_as_json(data))
        except ValidationError as error:
            for place, message in remedies(error, data, (), _Head, self.source, ("questions",)):
                self._flaw(place, message)
            return None
        for name, text in (("title", head.title), ("description", head.description)):
            for _, message in text_faults(text, ()):
                self._flaw((name,), f"{name} {message}")
        self._check_languages(head, ())
        return head

    def _questions(self, data: dict[str, Any]) -> Iterator[Question]:
        questions = data.get("questions")
        if "questions" not in data:
            self._flaw((), "questions is missing; add a line `questions:` and below it the list of questions")
            return
        if not isinstance(questions, list) or not questions:
            is_empty = not questions
            self._flaw(
                ("questions",),
                f"questions is {'empty' if is_empty else kind_of(questions)}; "
                "write a list, in which each question begins with `- id: …`",
            )
            return
        first_lines: dict[str, int] = {}
        for n, raw in enumerate(questions):
            question = self._question(raw, ("questions", n))
            yield from () if question is None else (question,)
            self._check_id(("questions", n, "id"), first_lines)

    def _check_id(self, place: Place, first_lines: dict[str, int]) -> None:
        question_id = self.source.written.get(place)
        if not question_id:
            return
        line = self.source.line_of(place)
        if question_id in first_lines:
            self._flaw(
                place,
                f"id is the same as in line {first_lines[question_id]}; give every question an id of its own",
            )
        first_lines.setdefault(question_id, line)

    def _question(self, raw: Any, place: Place) -> Question | None:
        if not isinstance(raw, dict):
            self._flaw(
                place,
                f"{as_name(place)} is {kind_of(raw)}; begin it with `- id: …`",
            )
            return None
        cls = self._type_of(raw, place)
        if cls is None:
            return None
        for where in drawn_names(raw, cls, place):
            self._flaw(where, f"{as_name(where)} is not known here; delete it")
        try:
            question = QUESTION.validate_json(_as_json(raw))
        except ValidationError as error:
            for where, message in remedies(error, raw, place, cls, self.source):
                self._flaw(where, message)
            return None
        for inner, message in question.faults():
            self._flaw((*place, *inner), f"{as_name(inner)} {message}")
        self._check_languages(question, place)
        pictured: Question = self._pictured(question, place)
        return pictured

    def _pictured(self, thing: Any, place: Place) -> Any:
        """Return a dataclass with each of its pictures taken."""
        if isinstance(thing, Media):
            return self._picture(thing, (*place, "file"))
        if isinstance(thing, tuple):
            return tuple(self._pictured(item, (*place, n)) for n, item in enumerate(thing))
        if not is_dataclass(thing) or isinstance(thing, type):
            return thing
        inner = {
            field.name: self._pictured(getattr(thing, field.name), (*place, field.name))
            for field in fields(thing)
        }
        return replace(thing, **inner)

    def _picture(self, media: Media, place: Place) -> Media:
        try:
            path = place_of(media.file, self.folder)
            # As it is now: whatever comes while it is being copied is a change.
            self.named_pictures.setdefault(path, stamp_of(path))
            if len(self.named_pictures) > MAX_PICTURES:
                raise PictureError(
                    f"is one picture too many; a bank has at most {MAX_PICTURES}, so split the file"
                )
            return self.pictures.taken(media, self.folder)
        except PictureError as error:
            self._flaw(place, f"{as_name(place)} {error}")
            return media

    def _type_of(self, raw: Mapping[str, Any], place: Place) -> type[Question] | None:
        known = tuple(QUESTION_TYPES)
        name = raw.get("type")
        if isinstance(name, str) and name in QUESTION_TYPES:
            return QUESTION_TYPES[name]
        if name is None:
            self._flaw(place, f"type is missing; add a line `type: …` with one of {', '.join(known)}")
        else:
            written = self.source.written.get((*place, "type"), "")
            hint = closest(written, known)
            types = "" if hint.startswith("what") else f" The types are {', '.join(known)}."
            self._flaw(
                (*place, "type"), f"type is “{shortened(written)}”, which is no question type; {hint}{types}"
            )
        return None

    def _check_languages(self, thing: Any, place: Place) -> None:
        for where, text in language_maps(thing, place):
            for lang in text:
                if not LANGUAGE.fullmatch(lang):
                    self._flaw(
                        (*where, lang),
                        f"{as_name(where)} has the language “{shortened(lang)}”; {_LANGUAGE_REMEDY}",
                    )
            if self.language and text and self.language not in text:
                self._flaw(
                    where,
                    f"{as_name(where)} lacks the bank's own language; add a line `{self.language}: …`",
                )


_LANGUAGE_REMEDY = "write a language's code, such as en, fr or zh-Hant"


def language_maps(thing: Any, place: Place) -> Iterator[tuple[Place, dict[str, str]]]:
    """Yield every text of a dataclass that is a map from language to text, with its place."""
    if isinstance(thing, dict):
        yield place, thing
    elif isinstance(thing, tuple):
        for n, item in enumerate(thing):
            yield from language_maps(item, (*place, n))
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from language_maps(getattr(thing, field.name), (*place, field.name))


def _as_json(data: Any) -> str:
    """Return plain values as JSON; a date becomes a number, so that it is refused where a text is wanted."""
    return json.dumps(data, default=lambda _date: 0)
