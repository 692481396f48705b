"""What happens to texts and outcomes after the conclusion."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from outcomes import corrections
from outcomes.models import Flag, Version
from tests.outcomes.machine.stage import picks, words
from tests.outcomes.machine.voices import Voices


class Aftermath(Voices):
    @rule(pick=picks, text=words, is_signed=st.booleans(), is_carried=st.booleans())
    def correct(self, pick: int, text: str, is_signed: bool, is_carried: bool) -> None:
        """Propose a correction; often it is signed at once, and often carried at once."""
        row = self.row_in(pick, *(["concluded"] if pick % 5 else ["in_synthesis", "in_validation"]))
        if row is None:
            return
        self.said += 1
        version = self.try_to(
            corrections.propose_correction,
            row,
            title=text,
            statement=f"{text}, corrected {self.said}",
            reason="Miscounted.",
            by=self.drafter,
        )
        if version and is_signed:
            self.try_to(corrections.sign_correction, version, by=self.other)
            if is_carried:
                self.do_all()

    @rule(pick=picks, by_drafter=st.booleans())
    def sign_correction(self, pick: int, by_drafter: bool) -> None:
        if rows := list(Version.objects.filter(is_correction=True).order_by("frozen_at", "-pk")):
            by = self.drafter if by_drafter else self.other
            self.try_to(corrections.sign_correction, rows[pick % len(rows)], by=by)

    @rule(pick=picks)
    def drop_correction(self, pick: int) -> None:
        if rows := list(Version.objects.filter(is_correction=True).order_by("-pk")):
            self.try_to(corrections.drop_correction, rows[pick % len(rows)], by=self.other)

    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        row = self.row_in(pick, "concluded")
        if row:
            self.try_to(corrections.withdraw, row, reason="Never said.", by=self.other)

    @rule(pick=picks, is_taken=st.booleans(), reason=st.sampled_from(["", "We meant it.", "We meant it."]))
    def resolve(self, pick: int, is_taken: bool, reason: str) -> None:
        flags = Flag.objects.select_related("consideration__consultation", "correction__version")
        waiting = flags.filter(is_taken=None) if pick % 5 else flags
        if rows := list(waiting.order_by("pk")):
            self.try_to(corrections.resolve, rows[pick % len(rows)], is_taken=is_taken, reason=reason, by=self.drafter)
