"""Who may do what with the address book and the outbox."""

import rules

from stakeholders.models import User


@rules.predicate
def is_programme_staff(user: User) -> bool:
    """THP's own staff, who plan series and may do everything that is planned in the admin."""
    return bool(user.is_active and user.is_staff)


def register_planned(app: str, *models: str) -> None:
    """Let programme staff view, add, change and delete rows of these models in the admin."""
    for model in models:
        for act in ["view", "add", "change", "delete"]:
            rules.add_perm(f"{app}.{act}_{model}", is_programme_staff)


def register_kept(app: str, *models: str) -> None:
    """Let programme staff view rows of these models, which only operations write."""
    for model in models:
        rules.add_perm(f"{app}.view_{model}", is_programme_staff)


rules.add_rule("stakeholders.must_have_second_factor", is_programme_staff)
rules.add_perm("stakeholders.reset_second_factor", is_programme_staff)
register_planned("stakeholders", "stakeholdertype", "organisation", "person")
register_kept("stakeholders", "message", "user", "addressimport", "secondfactorreset", "erasurerequest")
rules.add_perm("stakeholders.answer_erasure", is_programme_staff)
for act in ["import_addresses", "export_addresses", "merge_records"]:
    rules.add_perm(f"stakeholders.{act}", is_programme_staff)
for app in ["stakeholders", "consultations", "outcomes", "reports"]:
    rules.add_perm(app, is_programme_staff)
