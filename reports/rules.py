"""Who may do what with the dossier of a hearing and its editions."""

import rules

from consultations.models import Consultation
from reports.models import Edition
from stakeholders.models import User
from stakeholders.rules import is_programme_staff, register_kept

register_kept("reports", "edition", "editionfile", "editionjob")


@rules.predicate
def organises_an_event_of_the_series(user: User, hearing: Consultation | None) -> bool:
    return (
        hearing is not None
        and user.is_authenticated
        and Consultation.objects.organised_by(user).filter(series=hearing.series_id).exists()
    )


@rules.predicate
def is_visible(user: User, edition: Edition | None) -> bool:
    """The twin of EditionQuerySet.visible_to."""
    return edition is not None and Edition.objects.visible_to(user).filter(pk=edition.pk).exists()


rules.add_perm("reports.make_edition", is_programme_staff | organises_an_event_of_the_series)
rules.set_perm("reports.view_edition", is_programme_staff | is_visible)
rules.add_perm("reports.publish_edition", is_programme_staff)
