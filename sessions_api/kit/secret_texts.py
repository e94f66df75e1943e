"""Texts that come in and never go out again: passwords, tokens, keys.

Their complaints do not show what was given, which those about other fields may, and nothing is stripped from
them: the last line break of a key belongs to it.
"""

from pydantic import BeforeValidator, SecretStr


def secret_text(most: int, *, one_line: bool) -> BeforeValidator:
    """Checks a secret of at most `most` bytes of UTF-8; of one line, without blanks around it."""

    def check(given: object) -> SecretStr:
        if isinstance(given, SecretStr):
            given = given.get_secret_value()
        if not isinstance(given, str):
            raise ValueError("This is not a text; write it in quotes.")  # noqa: TRY004 - pydantic's way
        text = given.strip() if one_line else given
        if one_line and text and not text.isprintable():
            raise ValueError("This has line breaks or control characters in it; leave them out.")
        return SecretStr(_checked(text, most))

    return BeforeValidator(check)


def _checked(text: str, most: int) -> str:
    if not text:
        raise ValueError("This is empty and has to be filled in.")
    if "\0" in text:
        raise ValueError("This has a null character in it; leave it out.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("This has characters that are no Unicode; leave them out.") from None
    if size > most:
        raise ValueError(f"This has {size:,} bytes; {most:,} is the most.")
    return text
