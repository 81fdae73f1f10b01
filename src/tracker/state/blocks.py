"""What each state of a track amounts to as one authority's word at one place, as bytes. Source: design §6.

A block has a byte for each state: where nothing was said, where what was said has run out, and for each of the track's
rows while it decides. Blocks that say the same are one.
"""

import numpy as np

from tracker.model.effects import AnyEffect, Ease, Readiness
from tracker.model.vocabulary import MeasureKind, ReadinessState
from tracker.state.contributions import ALLOWING, IN_FORCE, Bits, Said
from tracker.state.lanes import Lane
from tracker.state.permission import Rule, level_of
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, eases_all

RAN_OUT, ROWS = 1, 2  # in a block, after what silence amounts to, what a row that has ended does; then the rows


class Blocks:
    """The blocks of one view, found by the same functions that answer for one lane."""

    def __init__(self, view: View, question: Question) -> None:
        self._view = view
        self._question = question
        self._values = view.assertions.value
        said, rows = np.unique(self._values, return_index=True)
        self._example = dict(zip(said.tolist(), rows.tolist(), strict=True))  # a row that says each value
        self._table = bytearray()
        self._made: Bits = np.zeros(0, dtype=np.uint8)
        self._blocks: dict[bytes, int] = {}
        self._alike: dict[tuple[int, Coverage], int] = {}  # blocks of tracks that say the same of every lane

    @property
    def table(self) -> Bits:
        """`Said`, block by block."""
        if len(self._made) < len(self._table):
            self._made = np.frombuffer(bytes(self._table), dtype=np.uint8)
        return self._made

    def of_rule(self, lane: Lane, rule: Rule) -> tuple[int, int]:
        """A rule's track, and where the block of what it amounts to on a lane begins."""
        key = rule.track, rule.coverage
        found = self._alike.get(key)
        if found is None:
            values = self._said(rule.track)
            found = self._block(lane, rule, values)
            if not any(map(self._narrower, values)):
                self._alike[key] = found
        return rule.track, found

    def of_readiness(self, track: int) -> tuple[int, int]:
        """The same of what a party said of infrastructure."""
        effects = [self._effect(value) for value in self._said(track)]
        ready = [isinstance(effect, Readiness) and effect.state is ReadinessState.READY for effect in effects]
        return track, self._kept(bytes([0, 0, *(0 if each else 1 for each in ready)]))

    def _block(self, lane: Lane, rule: Rule, values: list[int]) -> int:
        levels = [level_of(self._view, lane, rule, self._example[value], self._question) for value in values]
        full, bars = rule.coverage is Coverage.FULL, rule.measure.kind is MeasureKind.RESTRICTION
        word, covered = (IN_FORCE if bars else ALLOWING), (int(Said.COVERED) if full and bars else 0)
        rows = [covered if level is None else covered | word[level] for level in levels]
        return self._kept(bytes([0, Said.RAN_OUT if full else 0, *rows]))

    def _said(self, track: int) -> list[int]:
        """The value of each row of a track."""
        said: list[int] = self._values[self._view.assertions.rows_of(track)].tolist()
        return said

    def _narrower(self, value: int) -> bool:
        """Whether what is said is an easing for some lanes only."""
        effect = self._effect(value)
        return isinstance(effect, Ease) and not eases_all(effect)

    def _effect(self, value: int) -> AnyEffect:
        return self._view.effect(self._example[value])

    def _kept(self, block: bytes) -> int:
        found = self._blocks.get(block)
        if found is None:
            found = self._blocks[block] = len(self._table)
            self._table += block
        return found
