"""Texts that somebody has typed at the desk and wants to see before they keep them."""

from django.forms import Form
from django.http import HttpRequest

from outcomes.comparison import TypedText


def typed_in(form: Form) -> TypedText:
    """Give the title and the statement of a valid form."""
    return TypedText(form.cleaned_data["title"].strip(), form.cleaned_data["statement"].strip())


def typed_for_preview(request: HttpRequest, form: Form) -> TypedText | None:
    """Give the text to show instead of keeping it; None where no preview was asked for or something is to be mended."""
    return typed_in(form) if "preview" in request.POST and form.is_valid() else None
