"""What stands in addresses: codes of consultations, and references of outcomes."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class CodeConverter(StringConverter):
    """`JHB11`"""

    regex = "[A-Z][A-Z0-9]*"


class ReferenceConverter(StringConverter):
    """`JHB11-KT-03`"""

    regex = "[A-Z0-9]+-[A-Z]+-[0-9]+"


register_converter(CodeConverter, "code")
register_converter(ReferenceConverter, "reference")
