from outcomes.models.considerations import Consideration, Disposition
from outcomes.models.corrections import Correction, Flag
from outcomes.models.evidence import Evidence, Relation, SettingAside, Tag, Tagging
from outcomes.models.outcomes import Descent, Outcome, OutcomeKind, Version
from outcomes.models.positions import FactualCorrection, Holds, Position, Stance
from outcomes.models.rollforward import RollForward

__all__ = [
    "Consideration",
    "Correction",
    "Descent",
    "Disposition",
    "Evidence",
    "FactualCorrection",
    "Flag",
    "Holds",
    "Outcome",
    "OutcomeKind",
    "Position",
    "Relation",
    "RollForward",
    "SettingAside",
    "Stance",
    "Tag",
    "Tagging",
    "Version",
]
