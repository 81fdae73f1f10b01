"""Lists that name what is meant, and with `!` what is not."""

import pytest

from tracker.model.lists import in_words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (None, ()),
        (("lorries", "buses"), ("lorries", "buses")),
        (("!lorries", "!buses"), ("all but lorries, buses",)),
        (("vehicles", "!lorries"), ("vehicles except lorries",)),
    ],
)
def test_a_list_is_told_with_what_is_not_meant(words: tuple[str, ...] | None, told: tuple[str, ...]) -> None:
    assert in_words(words) == told
