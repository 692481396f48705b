"""The address book with what is done to all of it, accounts, and the messages to people.

`PersonAdmin` and `OrganisationAdmin` are registered by `consultations.admin`, which knows what happens to the
participations of two records that are merged.
"""

from stakeholders.admin.accounts import UserAdmin
from stakeholders.admin.exporting import ExportingAdmin
from stakeholders.admin.imports import AddressImportAdmin
from stakeholders.admin.people import MessageAdmin, OrganisationAdmin, PersonAdmin, StakeholderTypeAdmin

__all__ = [
    "AddressImportAdmin",
    "ExportingAdmin",
    "MessageAdmin",
    "OrganisationAdmin",
    "PersonAdmin",
    "StakeholderTypeAdmin",
    "UserAdmin",
]
