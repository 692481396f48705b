from consultations.models.attachments import Attachment, FileKind
from consultations.models.consultations import (
    AgendaSession,
    Consultation,
    ConsultationKind,
    ConsultationState,
    RegionTarget,
    Target,
)
from consultations.models.inputs import Attribution, Input, InputKind, InputState
from consultations.models.participation import Answer, Capacity, Participation, Role
from consultations.models.series import CooperationArea, EarlierMeeting, GuidingQuestion, Region, Series

__all__ = [
    "AgendaSession",
    "Answer",
    "Attachment",
    "Attribution",
    "Capacity",
    "Consultation",
    "ConsultationKind",
    "ConsultationState",
    "CooperationArea",
    "EarlierMeeting",
    "FileKind",
    "GuidingQuestion",
    "Input",
    "InputKind",
    "InputState",
    "Participation",
    "Region",
    "RegionTarget",
    "Role",
    "Series",
    "Target",
]
