from django.urls import path, register_converter
from django.urls.converters import StringConverter

from consultations import converters  # noqa: F401  it registers what the addresses below name
from reports import views
from reports.models import Document, EditionFile

app_name = "reports"


class DocumentConverter(StringConverter):
    regex = "|".join(Document.values)


class FormatConverter(StringConverter):
    regex = "|".join(EditionFile.Format.values)


register_converter(DocumentConverter, "document")
register_converter(FormatConverter, "format")

EDITIONS = "consultations/<code:code>/<document:document>/"

urlpatterns = [
    path(EDITIONS, views.document, name="document"),
    path(f"{EDITIONS}jobs/<int:pk>/", views.job, name="job"),
    path(f"{EDITIONS}jobs/<int:pk>/cancel/", views.cancel, name="cancel_job"),
    path(f"{EDITIONS}jobs/<int:pk>/again/", views.try_again, name="retry_job"),
    path(f"{EDITIONS}compare/", views.compare, name="compare"),
    path(f"{EDITIONS}<int:number>/", views.edition, name="edition"),
    path(f"{EDITIONS}<int:number>/publish/", views.publish, name="publish"),
    path(f"{EDITIONS}<int:number>/edition.<format:format>", views.download, name="download"),
    path("consultations/<code:code>/print/<str:what>.pdf", views.door_print, name="door_print"),
    path("schemas/dossier-3.json", views.schema, name="schema"),
    path("series/<slug:slug>/editions/", views.published, name="editions"),
]
