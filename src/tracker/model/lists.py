"""Lists of places, goods and classes that may say "all but": a word with "!" before it is not meant."""

from functools import lru_cache

from tracker.model.fields import ALL_BUT

Words = tuple[str, ...]


@lru_cache(maxsize=65_536)
def told_apart(words: Words) -> tuple[Words, Words]:
    """The words of a list that are meant, and those that are not: without their "!"."""
    meant = [word for word in words if not word.startswith(ALL_BUT)]
    left_out = [word.removeprefix(ALL_BUT).strip() for word in words if word.startswith(ALL_BUT)]
    return tuple(meant), tuple(left_out)


def in_words(words: Words | None) -> Words:
    """The words of a list as they are told: "vehicles except lorries", "all but lorries"; empty where it is absent."""
    meant, left_out = told_apart(words or ())
    if not left_out:
        return meant
    return (f"{', '.join(meant)} except {', '.join(left_out)}" if meant else f"all but {', '.join(left_out)}",)
