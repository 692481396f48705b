from django.urls import path

from consultations import converters  # noqa: F401  it registers what the addresses below name
from reports import views

app_name = "reports"

DOSSIER = "consultations/<code:code>/dossier/"

urlpatterns = [
    path(DOSSIER, views.dossier, name="dossier"),
    path(f"{DOSSIER}jobs/<int:pk>/", views.job, name="job"),
    path(f"{DOSSIER}<int:number>/", views.edition, name="edition"),
    path(f"{DOSSIER}<int:number>/publish/", views.publish, name="publish"),
    path(f"{DOSSIER}<int:number>/dossier.pdf", views.download, name="download"),
    path("consultations/<code:code>/print/<str:what>.pdf", views.door_print, name="door_print"),
    path("series/<slug:slug>/editions/", views.published, name="editions"),
]
