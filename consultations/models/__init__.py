from consultations.models.attachments import Attachment, FileKind
from consultations.models.consents import Consent, ConsentKind, Needs
from consultations.models.consultations import (
    AgendaSession,
    Consultation,
    ConsultationKind,
    ConsultationState,
    RegionTarget,
    Target,
)
from consultations.models.inputs import Attribution, Input, InputKind, InputState
from consultations.models.letters import ColleagueProposal, Dispatch, Letter, LetterKind, LetterText
from consultations.models.participation import Answer, Capacity, Participation, Role
from consultations.models.series import CooperationArea, EarlierMeeting, GuidingQuestion, Region, Series
from consultations.models.sheets import InputSheet
from consultations.models.themes import Theme

__all__ = [
    "AgendaSession",
    "Answer",
    "Attachment",
    "Attribution",
    "Capacity",
    "ColleagueProposal",
    "Consent",
    "ConsentKind",
    "Consultation",
    "ConsultationKind",
    "ConsultationState",
    "CooperationArea",
    "Dispatch",
    "EarlierMeeting",
    "FileKind",
    "GuidingQuestion",
    "Input",
    "InputKind",
    "InputSheet",
    "InputState",
    "Letter",
    "LetterKind",
    "LetterText",
    "Needs",
    "Participation",
    "Region",
    "RegionTarget",
    "Role",
    "Series",
    "Target",
    "Theme",
]
