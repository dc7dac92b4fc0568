"""The question types: each reads a response, grades it to a credit, and knows its key.

A type is one frozen dataclass with the decorator `question_type`; its fields are the bank's format for it.
The fields that only a bank's author needs are here too, so that a bank is read straight into these classes.
Options have no id in a bank: their place in the (arranged) question is their id on the wire, `a` for the
first, and so an id says nothing about the key.
"""

from .base import (
    OPTION_IDS,
    QUESTION_TYPES,
    Distance,
    Fault,
    Media,
    Question,
    Response,
    Shuffle,
    Text,
    in_language,
    languages_of,
    question_type,
    same_or_far,
    text_faults,
    versions_of,
)

# The order of these imports is the order in which types are listed everywhere.
from .choices import Choice, Multi, Option, Poll, PollOption, TrueFalse  # isort: skip
from .spelling import normal_form  # isort: skip
from .typed import Numeric, Typed, WordCloud  # isort: skip
from .arranged import TARGET_IDS, Item, Match, Order, Pair  # isort: skip
from .slide import Slide  # isort: skip

__all__ = [
    "OPTION_IDS",
    "QUESTION_TYPES",
    "TARGET_IDS",
    "Choice",
    "Distance",
    "Fault",
    "Item",
    "Match",
    "Media",
    "Multi",
    "Numeric",
    "Option",
    "Order",
    "Pair",
    "Poll",
    "PollOption",
    "Question",
    "Response",
    "Shuffle",
    "Slide",
    "Text",
    "TrueFalse",
    "Typed",
    "WordCloud",
    "in_language",
    "languages_of",
    "normal_form",
    "question_type",
    "same_or_far",
    "text_faults",
    "versions_of",
]
