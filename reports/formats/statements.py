"""How longer texts are read where a format has no HTML."""

from outcomes.markup import as_text


def paragraphs_of(text: str) -> list[str]:
    """Give the paragraphs of a text as it was typed; a line break inside one stays."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def paragraphs_of_statement(statement: str) -> list[str]:
    """Give the paragraphs of an outcome's statement without its marks; the items of a list are lines of one."""
    return paragraphs_of(as_text(statement))
