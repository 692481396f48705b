"""References in running text, as links."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from reports.references import linked as link_references

register = template.Library()


@register.filter
def linked(text: str, addresses: Mapping[str, str]) -> SafeString:
    """Link every reference that has an address: `{{ line|linked:addresses }}`."""
    return link_references(text, addresses)
