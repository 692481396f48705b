from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("Stakeholders")

    def ready(self) -> None:
        from allauth.mfa import signals

        from stakeholders.middleware import note_new_factor, note_removed_factor

        signals.authenticator_added.connect(note_new_factor)
        signals.authenticator_removed.connect(note_removed_factor)
