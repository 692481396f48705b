from django.urls import path

from reports import views

app_name = "reports"

DOSSIER = "consultations/<str:code>/dossier/"

urlpatterns = [
    path(DOSSIER, views.dossier, name="dossier"),
    path(f"{DOSSIER}jobs/<int:pk>/", views.job, name="job"),
    path(f"{DOSSIER}<int:number>/", views.edition, name="edition"),
    path(f"{DOSSIER}<int:number>/publish/", views.publish, name="publish"),
    path(f"{DOSSIER}<int:number>/dossier.pdf", views.download, name="download"),
    path("series/<slug:slug>/editions/", views.published, name="editions"),
]
