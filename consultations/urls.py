from django.urls import path

from consultations.views import attachments, inputs, invitations, more_time, my_page, on_behalf, participants, public

app_name = "consultations"
urlpatterns = [
    path("", public.home, name="home"),
    path("series/<slug:slug>/", public.series, name="series"),
    path("consultations/<str:code>/", public.consultation, name="consultation"),
    path("consultations/<str:code>/calendar.ics", public.calendar, name="calendar"),
    path("consultations/<str:code>/invitation/", invitations.invitation, name="invitation"),
    path("consultations/<str:code>/inputs/new/", inputs.new, name="new_input"),
    path("consultations/<str:code>/inputs/autosave/", inputs.autosave, name="autosave"),
    path("consultations/<str:code>/participants/", participants.participants, name="participants"),
    path("consultations/<str:code>/participants/more-time/", more_time.for_all, name="more_time"),
    path("consultations/<str:code>/participants/<int:pk>/more-time/", more_time.for_one, name="more_time_for_one"),
    path("consultations/<str:code>/participants/<int:pk>/input/", on_behalf.enter, name="enter_input"),
    path("invitation/<str:token>/", invitations.open_link, name="invitation_link"),
    path("inputs/<int:pk>/", inputs.detail, name="input"),
    path("inputs/<int:pk>/edit/", inputs.edit, name="edit_input"),
    path("inputs/<int:pk>/withdraw/", inputs.withdraw, name="withdraw_input"),
    path("inputs/<int:pk>/files/", attachments.files, name="files"),
    path("inputs/<int:pk>/files/<int:number>/", attachments.download, name="file"),
    path("inputs/<int:pk>/files/<int:number>/remove/", attachments.remove, name="remove_file"),
    path("me/", my_page.my_page, name="my_page"),
]
