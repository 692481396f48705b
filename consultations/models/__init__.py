from consultations.models.consultations import (
    AgendaSession,
    Consultation,
    ConsultationKind,
    ConsultationState,
    Target,
)
from consultations.models.inputs import Attribution, Input, InputKind, InputState
from consultations.models.participation import Answer, Capacity, Participation, Role
from consultations.models.series import CooperationArea, EarlierMeeting, GuidingQuestion, Series

__all__ = [
    "AgendaSession",
    "Answer",
    "Attribution",
    "Capacity",
    "Consultation",
    "ConsultationKind",
    "ConsultationState",
    "CooperationArea",
    "EarlierMeeting",
    "GuidingQuestion",
    "Input",
    "InputKind",
    "InputState",
    "Participation",
    "Role",
    "Series",
    "Target",
]
