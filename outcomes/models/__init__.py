from outcomes.models.considerations import Consideration, Disposition
from outcomes.models.evidence import Evidence, Relation, SettingAside, Tag, Tagging
from outcomes.models.outcomes import Descent, Outcome, OutcomeKind, Version
from outcomes.models.rollforward import RollForward

__all__ = [
    "Consideration",
    "Descent",
    "Disposition",
    "Evidence",
    "Outcome",
    "OutcomeKind",
    "Relation",
    "RollForward",
    "SettingAside",
    "Tag",
    "Tagging",
    "Version",
]
