from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OutcomesConfig(AppConfig):
    name = "outcomes"
    verbose_name = _("Outcomes")

    def ready(self) -> None:
        from consultations.merging import RULES
        from outcomes.merging import keep_later_position
        from outcomes.models import Position

        RULES[Position] = keep_later_position
        from outcomes.wordindex import look_after_index

        post_migrate.connect(look_after_index, sender=self)
