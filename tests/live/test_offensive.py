"""The filter of what is typed: what it catches, and what it must leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game.views import host_view, player_view
from server.live.offensive import is_offensive
from tests.builders import a_game, question, respond, step

RUDE = [
    "fuck", "FUCK!", "fuuuuck", "f.u.c.k", "f_u_c_k", "f-u-c-k you", "f u c k", "fu ck", "f*ck", "ｆｕｃｋ",
    "fück", "sh1t", "$h!t", "oh shit", "shit!", "s h i t", "b!tch", "a55hole", "motherfucker", "wankers",
    "Scheiße", "merde", "coño", "сука", "сукa",
]  # fmt: skip
HARMLESS = [
    "Scunthorpe", "Essex", "Sussex", "Middlesex", "Penistone", "Cockburn", "Hancock", "peacock", "cocktail",
    "shiitake", "shitake", "snigger", "Niger", "Nigeria", "class", "assassin", "Dickens", "therapist",
    "analysis",
    "cumulative", "grape", "document", "Arsenal", "raccoon", "title", "constitution", "basement", "Uranus",
    "United Nations", "is it", "a b c", "go on", "solidarity", "peace", "1945", "bite", "сукно", "平和",
    "سلام", "",
]  # fmt: skip


@pytest.mark.parametrize("word", RUDE)
def test_a_rude_word_is_caught_in_its_usual_disguises(word):
    assert is_offensive(word)


@pytest.mark.parametrize("word", HARMLESS)
def test_a_harmless_word_is_left_alone_whatever_it_contains(word):
    assert not is_offensive(word)


@pytest.mark.parametrize("kind", ["wordcloud", "text"])
@pytest.mark.parametrize(
    "word", ["s\u200dhit", "f\u200cuck", "nig\u200dger", "shıt", "f\u1160uck", "f\u3164uck", "شرم\u0640وطة"]
)
def test_no_sign_that_a_screen_does_not_show_leads_a_word_past_it(kind, word):
    room = a_game([question(kind)], players=["ada", "bea"], is_offensive=is_offensive)
    step(room), step(room)
    respond(room, "ada", word)
    respond(room, "bea", "unity")
    step(room)
    for view_of in (host_view, player_view):
        assert [group["value"] for group in view_of(room, "en", 0)["distribution"]] == ["unity"]


@given(st.text(max_size=40))
def test_it_has_an_answer_for_any_text(text):
    assert is_offensive(text) in (True, False)
