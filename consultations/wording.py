"""The words of letters: what organisers write once, and what each person reads of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _

from consultations.models import Consultation, Letter, LetterKind, Participation
from consultations.templatetags.consultation_facts import dates, place

PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
MEANINGS: Mapping[str, tuple[str | Promise, Callable[[Participation], str]]] = {
    "name": (gettext_lazy("the person's name"), lambda row: row.person.name),
    "organisation": (
        gettext_lazy("the organisation as it is on the list"),
        lambda row: row.organisation.name if row.organisation else "",
    ),
    "type": (gettext_lazy("the stakeholder type"), lambda row: row.stakeholder_type.name),
    "role": (gettext_lazy("the role at the consultation"), lambda row: row.get_role_display()),
    "title": (gettext_lazy("the title of the consultation"), lambda row: row.consultation.title),
    "series": (gettext_lazy("the title of the series"), lambda row: row.consultation.series.title),
    "host": (
        gettext_lazy("who invites"),
        lambda row: row.consultation.host.name if row.consultation.host else "",
    ),
    "dates": (gettext_lazy("when it is"), lambda row: dates(row.consultation)),
    "place": (gettext_lazy("where it is"), lambda row: place(row.consultation)),
}
"""What stands in braces for something that differs: {name} and so on, with what it means and what comes there."""


@dataclass(frozen=True)
class Words:
    """What one person reads, in one language; paragraphs are parted by empty lines."""

    subject: str
    text: str
    language: str

    @property
    def direction(self) -> str:
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"


def standard_words(kind: LetterKind, *, language: str) -> Words:
    """Give the words that stand in a new letter, with placeholders; in the site's own language if it lacks this one."""
    language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with override(language):
        if kind == LetterKind.INVITATION:
            return Words(
                _("Invitation: {title}"),
                _("Dear {name},\n\nyou are invited to the consultation “{title}” of the series “{series}”."),
                language,
            )
        return Words(
            _("Will you come? {title}"),
            _(
                "Dear {name},\n\nyou were invited to “{title}” ({dates}, {place}), and have not answered yet. "
                "Please tell us whether you will come; it takes a minute."
            ),
            language,
        )


def unknown_placeholders(text: str) -> list[str]:
    """Give what stands in braces in a text and means nothing, each once, as it is written."""
    return list(dict.fromkeys(f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in MEANINGS))


def fill(words: Words, participation: Participation) -> Words:
    """Give words with what stands in braces replaced by what it means for one participation.

    Needs it loaded with person, organisation, stakeholder type, and the consultation with series and host.
    """

    def meant(found: re.Match[str]) -> str:
        meaning = MEANINGS.get(found[1])
        return meaning[1](participation) if meaning else found[0]

    with override(words.language):
        return Words(PLACEHOLDER.sub(meant, words.subject), PLACEHOLDER.sub(meant, words.text), words.language)


def words_for(participation: Participation, letter: Letter | None = None, *, kind: LetterKind) -> Words:
    """Give what one person reads: of a letter the text in their language, or else in the first one that it has.

    Without a letter it is the standard one of its kind. Needs `letter` with its texts prefetched.
    """
    texts = {text.language: text for text in letter.texts.all()} if letter else {}
    consultation: Consultation = participation.consultation
    if not texts:
        spoken = (consultation.languages or ["en"])[0]
        return fill(standard_words(kind, language=spoken), participation)
    text = texts.get(participation.person.language) or next(iter(texts.values()))
    return fill(Words(text.subject, text.text, text.language), participation)
