"""The union of effects and the vocabulary of their types agree."""

from tracker.model.effects import EFFECTS
from tracker.model.vocabulary import EffectType


def test_every_effect_has_its_word_and_every_word_its_effect() -> None:
    assert set(EFFECTS) == set(EffectType) - {EffectType.NONE}
