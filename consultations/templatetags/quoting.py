"""How an input may be named, for templates: the words of `attribution`, never a line of their own."""

from django import template

from consultations.attribution import NotQuotable, attribution_line
from consultations.models import Input

register = template.Library()


@register.filter
def source_line(input: Input) -> str:
    """The line that will stand under a quote from this input; empty where nothing of it is published."""
    try:
        return attribution_line(input)
    except NotQuotable:
        return ""
