"""Folding of words, so that a name is found whatever its case, accents, composition and variants of letters."""

import re
import unicodedata

_VARIANTS = str.maketrans(  # letters that no decomposition brings to the one that people type instead
    {
        "ı": "i", "ə": "e", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n",
        "æ": "ae", "œ": "oe", "ґ": "г", "ҕ": "г", "ғ": "г", "қ": "к", "ҟ": "к", "ҳ": "х",
        "ي": "ی", "ى": "ی", "ې": "ی", "ے": "ی", "ك": "ک", "ڪ": "ک", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
        "ٱ": "ا", "ڕ": "ر", "ڵ": "ل", "ʼ": "'", "ʻ": "'", "ʾ": "'", "ʿ": "'",
    }
)  # fmt: skip
_UNSEEN = {"Mn", "Me", "Cf"}  # combining marks; joiners and other signs without a shape
_TATWEEL = "\u0640"  # stretches a word of the Arabic script
NON_JOINER = "\u200c"  # divides a Persian word: people type it, a space, or neither
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """A text without case, accents, marks and variants of letters; digits of any script become ASCII.

    Source: the caseless matching of compatible texts of the Unicode Standard (3.13, D146), and further variants.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(map(_bare, decomposed)).translate(_VARIANTS)


def _bare(character: str) -> str:
    if character == NON_JOINER:
        return " "
    if character == _TATWEEL or unicodedata.category(character) in _UNSEEN:
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order; all that is no letter or digit separates them."""
    return _WORD.findall(fold(text))
