"""Folding of words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.folding import fold, words_of


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("ISTANBUL", "İstanbul"),
        ("kars igdir", "Kars Iğdır"),
        ("agdam", "Ağdam"),
        ("HEKERI", "Həkəri"),
        ("Lodz", "Łódź"),
        ("oresund", "Øresund"),
        ("ларс актер", "Ларс Актёр"),
        ("бишкек қала", "Бишкек Кала"),
        ("ՄԱՐԳԱՐԱ", "Մարգարա"),
        ("եւ", "և"),
        ("ΑΘΗΝΑΣ", "Αθήνας"),
        ("ᲧᲐᲖᲑᲔᲒᲘ", "ყაზბეგი"),
        ("اسلام كلا", "اسلام کلا"),
        ("علي", "علی"),
        ("احمد", "أحمد"),
        ("سنة ۱۴۰۴", "سنه ١٤٠٤"),
        ("کشـــور", "کشور"),
        ("strasse", "Straße"),
    ],
)
def test_letters_that_people_type_for_one_another_fold_alike(typed: str, printed: str) -> None:
    assert fold(typed) == fold(printed)


def test_different_letters_stay_different() -> None:
    assert len({fold(letter) for letter in "aeioubcdаебвגדابتსტմն"}) == len("aeioubcdаебвגדابتსტմն")


def test_a_persian_word_may_be_divided_by_a_sign_or_a_space() -> None:
    assert words_of("بیله\u200cسوار") == words_of("بيله سوار") == ["بیله", "سوار"]


def test_punctuation_divides_words() -> None:
    assert words_of("Margara–Alican, N'Djamena (AM-TR)_x") == ["margara", "alican", "n", "djamena", "am", "tr", "x"]


@given(st.text())
def test_law_composition_and_a_second_folding_change_nothing(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(fold(text)) == fold(text)
