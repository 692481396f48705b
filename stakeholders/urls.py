from django.conf import settings
from django.urls import path

from stakeholders.views import account, address, data, mail, reminders, second_factor

app_name = "stakeholders"
urlpatterns = [
    path("accounts/", account.account, name="account"),
    path("accounts/address/", address.address, name="address"),
    path("accounts/second-factor/", second_factor.second_factor, name="second_factor"),
    path("accounts/sessions/", account.sessions, name="sessions"),
    path("accounts/data/", data.data, name="data"),
    path("accounts/data.json", data.data_json, name="data_json"),
    path("accounts/data/erasure/", data.erasure_wish, name="erasure"),
    path("accounts/reminders/", reminders.reminders, name="reminders"),
    path("reminders/stop/<str:token>/", reminders.stop, name="stop_reminders"),
]
if settings.EMBEDDED:
    urlpatterns += [path("mail/", mail.mail, name="mail")]
