"""What pydantic finds wrong with a value, as a sentence that people can act on."""

from typing import Any

from pydantic_core import ErrorDetails

_EMPTY = "This is empty and has to be filled in."
_NO_NUMBER = "{given} is not a number; write it like 4 or 0.5."
_NOT_WHOLE = "{given} is not a whole number; write it like 4."
_NO_OBJECT = "{given} is not an object; write it like {{…}}."

_SENTENCES = {
    "missing": _EMPTY,
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "extra_forbidden": "There is no such field here; leave it out.",
    "string_too_long": "This has {length} characters; {max_length} is the most.",
    "too_long": "This has {length} entries; {max_length} is the most.",
    "string_pattern_mismatch": "Use letters, digits, ., _ and -, beginning with a letter or digit.",
    "string_type": "{given} is not a text; write it in quotes.",
    "greater_than_equal": "{given} is too little; {ge:g} is the least.",
    "less_than_equal": "{given} is too much; {le:g} is the most.",
    "float_type": _NO_NUMBER,
    "float_parsing": _NO_NUMBER,
    "finite_number": _NO_NUMBER,
    "int_type": _NOT_WHOLE,
    "int_parsing": _NOT_WHOLE,
    "int_from_float": _NOT_WHOLE,
    "bool_type": "{given} is neither true nor false.",
    "bool_parsing": "{given} is neither true nor false.",
    "literal_error": "{given} is not one of {expected}.",
    "list_type": "{given} is not a list; write it like […].",
    "dict_type": _NO_OBJECT,
    "model_type": _NO_OBJECT,
    "model_attributes_type": _NO_OBJECT,
    "json_invalid": "The body is not JSON: {error}.",
}
"""By the types of `pydantic_core.core_schema.ErrorType`: those that our schemas can run into."""

_LONGEST_SHOWN = 40

ALTERNATIVE = "kind:"
"""Tags of alternatives (`pydantic.Tag`) begin so; pydantic tells them as if they were fields of the body."""


def place(loc: tuple[int | str, ...]) -> str:
    """Where in a body something is wrong, as a dotted path."""
    return ".".join(str(part) for part in loc if not str(part).startswith(ALTERNATIVE))


def sentence(item: ErrorDetails) -> str:
    """The sentence for one of pydantic's errors; a validator of ours has said one already."""
    context = item.get("ctx", {})
    words = _SENTENCES.get(item["type"])
    if words is not None:
        return words.format(given=_shown(item["input"]), length=_length(item["input"]), **context)
    own = str(context.get("error", item["msg"]))
    return f"{own[:1].upper()}{own[1:].rstrip('.')}."


def _length(given: Any) -> int:
    return len(given) if isinstance(given, str | list | dict) else len(str(given))


def _shown(given: Any) -> str:
    """A value as JSON writes the simple ones; nothing long, and no whole objects."""
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    text = str(given)
    short = bool(text) and len(text) <= _LONGEST_SHOWN and text.isprintable()
    return text if short and not isinstance(given, dict | list) else "This"
