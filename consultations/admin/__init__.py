"""Planning: series, consultations, who is invited, and what came in.

`ConsultationAdmin` and `SeriesAdmin` are registered by `outcomes.admin`, which adds to them what becomes of outcomes.
"""

from consultations.admin.addressbook import MergingOrganisationAdmin, MergingPersonAdmin
from consultations.admin.consultations import ConsultationAdmin
from consultations.admin.inputs import InputAdmin
from consultations.admin.letters import ConsentAdmin, DispatchAdmin
from consultations.admin.participations import ParticipationAdmin
from consultations.admin.series import CooperationAreaAdmin, SeriesAdmin

__all__ = [
    "ConsentAdmin",
    "ConsultationAdmin",
    "CooperationAreaAdmin",
    "DispatchAdmin",
    "InputAdmin",
    "MergingOrganisationAdmin",
    "MergingPersonAdmin",
    "ParticipationAdmin",
    "SeriesAdmin",
]
