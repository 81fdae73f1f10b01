"""Folding of words, so that a name is found whatever its case, accents, composition and variants of letters."""

import re
import unicodedata

_VARIANTS = {  # letters that no decomposition brings to the one that people type instead
    "ı": "i", "ə": "e", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "æ": "ae", "œ": "oe", "ґ": "г", "ҕ": "г", "ғ": "г", "қ": "к", "ҟ": "к", "ҳ": "х",
    "ي": "ی", "ى": "ی", "ې": "ی", "ے": "ی", "ك": "ک", "ڪ": "ک", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
    "ٱ": "ا", "ڕ": "ر", "ڵ": "ل", "ʼ": "'", "ʻ": "'", "ʾ": "'", "ʿ": "'",
}  # fmt: skip
_UNSEEN = {"Mn", "Me", "Cf"}  # combining marks; joiners and other signs without a shape
_TATWEEL = "\u0640"  # stretches a word of the Arabic script
NON_JOINER = "\u200c"  # divides a Persian word: people type it, a space, or neither
_WORD = re.compile(r"[^\W_]+")


class _Letters(dict[int, str]):
    """Replacements of the code points of a decomposed text in small letters, each worked out at its first use."""

    def __missing__(self, code: int) -> str:
        self[code] = letter = _bare(chr(code))
        return letter


def _bare(character: str) -> str:
    if character == NON_JOINER:
        return " "
    if character == _TATWEEL or unicodedata.category(character) in _UNSEEN:
        return ""
    digit = unicodedata.decimal(character, None)
    return _VARIANTS.get(character, character) if digit is None else str(digit)


_LETTERS = _Letters()


def fold(text: str) -> str:
    """A text without case, accents, marks and variants of letters; digits of any script become ASCII.

    Source: the caseless matching of compatible texts of the Unicode Standard (3.13, D146), and further variants.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order; all that is no letter or digit separates them."""
    return _WORD.findall(fold(text))
