"""What a nickname may be, and which two are the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.game.errors import NicknameRefused
from server.game.nicknames import clean_nickname, same_name

INVISIBLE = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left override": "\u202e",
    "left-to-right mark": "\u200e",
    "first strong isolate": "\u2068",
    "Arabic letter mark": "\u061c",
    "null": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "private use": "\ue000",
    "surrogate": "\ud800",
    "unassigned": "\u0378",
    "tag": "\U000e0041",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "Hangul choseong filler": "\u115f",
    "Braille blank": "\u2800",
    "combining grapheme joiner": "\u034f",
    "Khmer inherent vowel": "\u17b4",
    "Mongolian variation selector": "\u180b",
}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ada", "Ada"),
        ("  Ada   B. ", "Ada B."),
        ("Ada\tB\nC", "Ada B C"),
        ("Ａｄａ", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("ﬁnn", "finn"),
        ("Nguyễn Thị", "Nguyễn Thị"),
        ("สุธีร์", "สุธีร์"),
        ("مريم", "مريم"),
        ("李小龙", "李小龙"),
        ("Ada 🚀", "Ada 🚀"),
        ("<b>&amp;", "<b>&amp;"),
        ("x", "x"),
        ("x" * 20, "x" * 20),
        ("x" * 10 + "  " + "y" * 9, "x" * 10 + " " + "y" * 9),
        ("e\u0301" * 20, "é" * 20),
    ],
)
def test_a_name_is_kept_in_its_normal_form(raw, clean):
    assert clean_nickname(raw) == clean


@pytest.mark.parametrize("raw", ["", "   ", "\t\n", "\u3000", "x" * 21, "ﬃ" * 7])
def test_an_empty_or_overlong_name_is_refused_by_its_normal_form(raw):
    with pytest.raises(NicknameRefused):
        clean_nickname(raw)


@pytest.mark.parametrize("raw", INVISIBLE.values(), ids=INVISIBLE)
def test_an_invisible_character_is_refused_alone_and_in_a_name(raw):
    for name in (raw, f"A{raw}da", f"Ada{raw}"):
        with pytest.raises(NicknameRefused):
            clean_nickname(name)


@pytest.mark.parametrize("selector", ["\ufe00", "\ufe0e", "\ufe0f", "\U000e0100"])
def test_a_variation_selector_does_not_make_another_name(selector):
    assert clean_nickname(f"Ada{selector}") == "Ada"
    assert clean_nickname(f"Zoe{selector}\u0308") == "Zoë"
    assert clean_nickname(f"❤{selector}") == "❤"
    with pytest.raises(NicknameRefused):
        clean_nickname(selector)


def test_three_marks_on_a_letter_are_a_script_and_four_a_prank():
    assert clean_nickname("b" + "\u0332\u0333\u0347")
    with pytest.raises(NicknameRefused):
        clean_nickname("b" + "\u0332\u0333\u0347\u0348")
    with pytest.raises(NicknameRefused):
        clean_nickname("b" + "\u20dd" * 4)


@given(st.text(max_size=30))
def test_what_is_accepted_is_short_visible_and_stable(raw):
    try:
        name = clean_nickname(raw)
    except NicknameRefused:
        return
    assert 1 <= len(name) <= 20
    assert name == clean_nickname(name) == unicodedata.normalize("NFKC", name)
    assert not {unicodedata.category(character) for character in name} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "ADA"), ("straße", "STRASSE"), ("Ωmega", "ωMEGA"), ("ΣΑΣ", "σας"), ("Élan", "éLAN"), ("ǆ", "Ǆ")],
)
def test_case_does_not_make_another_name(one, other):
    assert same_name(clean_nickname(one)) == same_name(clean_nickname(other))


def test_another_letter_makes_another_name():
    assert same_name("Ada") != same_name("Ida")
