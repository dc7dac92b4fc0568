"""Every refusal that the server declares, wherever in it."""

from __future__ import annotations

import importlib
import pkgutil

import server
from server.game.errors import GameError


def refusals() -> set[type[GameError]]:
    """Return the family of `GameError` without itself, which is never raised."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        importlib.import_module(module.name)
    return _family(GameError) - {GameError}


def _family(kind: type[GameError]) -> set[type[GameError]]:
    return {kind}.union(*(_family(one) for one in kind.__subclasses__()))
