"""Search in announcements: an index of folded words in memory, which pages, API and command line ask."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracker.model.announcement import Announcement
from tracker.model.folding import NON_JOINER, words_of
from tracker.model.names import names_of
from tracker.model.registry import Registry
from tracker.queries.about import about
from tracker.state.record import View


class SearchIndex:
    """The words of all announcements known to a view, each with the announcements that have it."""

    def __init__(self, view: View) -> None:
        self.announcements: Sequence[str] = tuple(view.contents)  # ids, in the order of announcement
        words: dict[str, list[int]] = {}
        names: dict[str, set[str]] = {}
        for number, (_, content) in enumerate(view.contents.values()):
            for word in _words(view, content, names):
                words.setdefault(word, []).append(number)
        self.words: Mapping[str, Sequence[int]] = dict(sorted(words.items()))
        self._sorted = tuple(self.words)

    def matches(self, text: str) -> frozenset[str]:
        """Ids of the announcements with words that begin like each word of a text, in any order.

        A text without words matches none.
        """
        numbers: set[int] | None = None
        for word in words_of(text):
            having = {number for longer in self._beginning(word) for number in self.words[longer]}
            numbers = having if numbers is None else numbers & having
        return frozenset(self.announcements[number] for number in numbers or ())

    def _beginning(self, word: str) -> Iterator[str]:
        for place in range(bisect_left(self._sorted, word), len(self._sorted)):
            if not self._sorted[place].startswith(word):
                return
            yield self._sorted[place]

    def as_json(self) -> dict[str, Any]:
        """The index as JSON values, for pages without a server: ids, and by word the places in their list."""
        return {
            "announcements": list(self.announcements),
            "words": {key: list(value) for key, value in self.words.items()},
        }


def search_index(view: View) -> SearchIndex:
    """The index of a view, built at the first search."""
    index: SearchIndex | None = view.memo.get("search")
    if index is None:
        index = view.memo["search"] = SearchIndex(view)
    return index


def _words(view: View, content: Announcement, names: dict[str, set[str]]) -> set[str]:
    """The folded words of an announcement, and of the names of all that it concerns and of its speakers."""
    words = _words_in(filter(None, _texts(content)))
    for key in (*about(view, content), *(speaker.party for speaker in content.by)):
        if key not in names:
            names[key] = _words_in(_names(view.registry, key))
        words |= names[key]
    return words


def _words_in(texts: Iterable[str]) -> set[str]:
    """The folded words of texts; those with a sign that divides them also as one word."""
    text = " ".join(texts)
    return {*words_of(text), *(words_of(text.replace(NON_JOINER, "")) if NON_JOINER in text else ())}


def _texts(content: Announcement) -> Iterator[str | None]:
    yield from (content.id, content.title, content.summary, content.note)
    for speaker in content.by:
        yield from (speaker.name, speaker.office)
    for source in content.source:
        yield from (source.publisher, source.title, source.quote, source.note)
    for effect in content.effect:
        for field in ("text", "cargo", "note", "amount", "from_event", "until_event"):
            yield getattr(effect, field, None)
        yield from (*(getattr(effect, "only", None) or ()), *getattr(effect, "conditions", ()))


def _names(registry: Registry, key: str) -> Iterator[str]:
    """All names of the subjects with an id: a party and a territory may share one."""
    yield key
    for kind in (registry.territories, registry.parties, registry.with_state):
        if (subject := kind.get(key)) is not None:
            yield from names_of(registry, subject)
