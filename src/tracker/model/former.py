"""The language of earlier versions: stored statements in its words are read in today's.

Files in its words are refused, with the words to write instead.
"""

from typing import Any

INSTEAD = {  # key, or type of effect: what to write now
    "ease": 'write `type = "exempt"`, with for whom in `only` and how in `conditions`',
    "limits": "write for whom or what in `only`, and how in `conditions`",
    "score": 'write `amount = "…"`, in the `unit` of the measure',
}


def statement_today(statement: Any) -> Any:
    """The JSON of a stored statement in today's words: an announcement, a correction or a retraction."""
    statement = _content_today(statement)
    if isinstance(statement, dict) and "replace" in statement:
        statement = {**statement, "replace": _content_today(statement["replace"])}
    return statement


def _content_today(content: Any) -> Any:
    if not isinstance(content, dict) or not isinstance(content.get("effect"), list):
        return content
    return {**content, "effect": [_effect_today(effect) for effect in content["effect"]]}


def _effect_today(effect: Any) -> Any:
    if not isinstance(effect, dict):
        return effect
    today = {_KEYS.get(key, key): value for key, value in effect.items()}
    if today.get("type") == "ease":
        today["type"] = "exempt"
    if today.get("stage") == "void":
        today["stage"] = "annulled"
    if isinstance(today.get("amount"), int):
        today["amount"] = str(today["amount"])
    return today


_KEYS = {"limits": "conditions", "score": "amount"}
