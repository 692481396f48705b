from django.urls import path

from consultations import converters  # noqa: F401  it registers what the addresses below name
from consultations.views import (
    attachments,
    door,
    inputs,
    invitations,
    letters,
    more_time,
    my_page,
    on_behalf,
    participants,
    public,
    put_on_list,
)

app_name = "consultations"
urlpatterns = [
    path("", public.home, name="home"),
    path("series/<slug:slug>/", public.series, name="series"),
    path("consultations/<code:code>/", public.consultation, name="consultation"),
    path("consultations/<code:code>/calendar.ics", public.calendar, name="calendar"),
    path("consultations/<code:code>/invitation/", invitations.invitation, name="invitation"),
    path("consultations/<code:code>/inputs/new/", inputs.new, name="new_input"),
    path("consultations/<code:code>/inputs/autosave/", inputs.autosave, name="autosave"),
    path("consultations/<code:code>/participants/", participants.participants, name="participants"),
    path("consultations/<code:code>/participants/add/", put_on_list.choose, name="put_on_list"),
    path("consultations/<code:code>/participants/proposals/<int:pk>/", participants.proposal, name="proposal"),
    path("consultations/<code:code>/check-in/", door.door, name="door"),
    path("consultations/<code:code>/attendance/", door.attendance_list, name="attendance"),
    path("consultations/<code:code>/attendance/<int:pk>/", door.attendance_of_one, name="attendance_of_one"),
    path("badge/<str:token>/", door.badge, name="badge"),
    path("consultations/<code:code>/letters/", letters.index, name="letters"),
    path("consultations/<code:code>/letters/<int:pk>/", letters.letter, name="letter"),
    path("consultations/<code:code>/letters/<int:pk>/people/", letters.people, name="letter_people"),
    path("consultations/<code:code>/letters/<int:pk>/preview/", letters.preview, name="letter_preview"),
    path("consultations/<code:code>/participants/more-time/", more_time.for_all, name="more_time"),
    path("consultations/<code:code>/participants/<int:pk>/more-time/", more_time.for_one, name="more_time_for_one"),
    path("consultations/<code:code>/participants/<int:pk>/input/", on_behalf.enter, name="enter_input"),
    path("invitation/<str:token>/", invitations.open_link, name="invitation_link"),
    path("inputs/<int:pk>/", inputs.detail, name="input"),
    path("inputs/<int:pk>/edit/", inputs.edit, name="edit_input"),
    path("inputs/<int:pk>/withdraw/", inputs.withdraw, name="withdraw_input"),
    path("inputs/<int:pk>/files/", attachments.files, name="files"),
    path("inputs/<int:pk>/files/<int:number>/", attachments.download, name="file"),
    path("inputs/<int:pk>/files/<int:number>/remove/", attachments.remove, name="remove_file"),
    path("me/", my_page.my_page, name="my_page"),
]
