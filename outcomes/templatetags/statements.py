"""Filters that show the statement of an outcome: `as_html` in full, `as_text` in excerpts."""

from django import template

from outcomes.markup import as_html, as_text

register = template.Library()
register.filter("as_html", as_html)
register.filter("as_text", as_text)
