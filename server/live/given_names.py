"""Friendly names for rooms that give them: an adjective and an animal, in the phone's language."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from server.game.nicknames import MAX_LENGTH

FALLBACK = "en"
TRIES = 50
"""So many draws before a number is added: a class rarely meets two of a kind, a full room often."""

# Animals of one gender a language, so that every adjective goes with every animal.
_ENGLISH = (
    "{adjective} {animal}",
    """agile amber brave bright calm cheerful clever cosy curious daring eager early gentle golden happy
    honest jolly keen kind lively lucky merry mighty nimble noble patient polite proud quick quiet
    rapid ready scarlet silver smart snowy steady sunny swift tidy true violet vivid warm wise witty""",
    """alpaca badger beaver bison camel crane deer dolphin eagle falcon ferret finch fox gecko giraffe
    heron ibis jackdaw jaguar kestrel koala lemur leopard lizard llama lynx marmot marten meerkat
    moose narwhal ocelot octopus orca osprey otter owl panda parrot penguin puffin quail raven robin
    salmon seal sparrow squirrel stork swan tapir tiger toucan turtle walrus wombat yak zebra""",
)
_GERMAN = (
    "{adjective} {animal}",
    """bunter flinker froher heller kluger kühner leiser lieber mutiger netter rascher ruhiger sanfter
    schlauer schneller starker stiller stolzer tapferer treuer wacher weiser zarter""",
    """adler biber bussard dachs delfin elch falke fink fuchs gecko hase hirsch igel kranich luchs marder
    milan otter panda pinguin rabe reiher schwan spatz star storch tiger uhu wal wolf""",
)
_FRENCH = (
    "{animal} {adjective}",
    """agile alerte aimable brave calme doux futé gentil habile hardi honnête joyeux malin noble poli
    prudent rapide rusé sage serein vaillant vif""",
    """aigle bison blaireau castor cerf chamois colibri cygne dauphin faucon gecko hamster hibou isard
    koala lama lapin lièvre lynx merle moineau morse ours panda pinson renard saumon tapir tigre""",
)
_NAMES: dict[str, tuple[str, list[str], list[str]]] = {
    language: (form, adjectives.split(), animals.split())
    for language, (form, adjectives, animals) in {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH}.items()
}


def draw_name(lang: str | None, is_taken: Callable[[str], bool], random: Random) -> str:
    """Return a name that nobody has."""
    language = (lang or "").lower().partition("-")[0]
    form, adjectives, animals = _NAMES.get(language, _NAMES[FALLBACK])
    number = 1
    while True:
        for _ in range(TRIES):
            words = {"adjective": random.choice(adjectives), "animal": random.choice(animals)}
            name = form.format(**words).title() + (f" {number}" if number > 1 else "")
            if len(name) <= MAX_LENGTH and not is_taken(name):
                return name
        number += 1
