"""What participants say in validation, and what they are answered."""

from datetime import datetime

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import rule

from outcomes import positions
from outcomes.models import FactualCorrection, Position, Stance
from tests.outcomes.machine.desk import Desk
from tests.outcomes.machine.stage import picks

stances = st.sampled_from([None, *Stance, Stance.SUPPORT, Stance.SUPPORT, Stance.OBJECT])


class Voices(Desk):
    @rule(pick=picks, said=st.lists(stances, min_size=8, max_size=8), is_published=st.booleans())
    def take_positions(self, pick: int, said: list[Stance | None], is_published: bool) -> None:
        """A round of all who came, on one outcome; some say nothing, some have read an older text."""
        row = self.row_in(pick, "in_validation")
        if row is None:
            return
        text = positions.text_of(row)
        has_read_another = pick == 30
        seen = positions.Seen(text.pk, text.revision + has_read_another)

        def all_speak(*, at: datetime) -> None:
            with transaction.atomic():
                for participation, stance in zip(row.consultation.participations.order_by("pk"), said, strict=True):
                    self.said += 1
                    if stance is not None:
                        positions.take_position(
                            row,
                            participation,
                            stance=stance,
                            seen=seen,
                            reason=f"Reason {self.said}" if stance != Stance.SUPPORT else "",
                            attribution="type" if is_published else "unpublished",
                            by=participation.person,
                            at=at,
                        )

        self.try_to(all_speak)
        assert self.refusal or not has_read_another or not any(said)

    @rule(pick=picks)
    def withdraw_position(self, pick: int) -> None:
        """During the validation or long after, as authors may."""
        if rows := list(Position.objects.select_related("participation__person").order_by("-pk")):
            position = rows[pick % len(rows)]
            self.try_to(positions.withdraw_position, position, by=position.participation.person)

    @rule(pick=picks)
    def correct_facts(self, pick: int) -> None:
        row = self.row_in(pick, "in_validation")
        if row:
            participation = row.consultation.participations.order_by("pk")[pick % 8]
            seen = positions.Seen.of(positions.text_of(row))
            self.try_to(
                positions.correct_facts, row, participation, text="It was 2009.", seen=seen, by=participation.person
            )

    @rule(pick=picks, is_accepted=st.booleans(), answer=st.sampled_from(["", "We looked again."]))
    def answer_facts(self, pick: int, is_accepted: bool, answer: str) -> None:
        if rows := list(FactualCorrection.objects.order_by("-pk")):
            fact = rows[pick % len(rows)]
            self.try_to(positions.answer_correction, fact, is_accepted=is_accepted, answer=answer, by=self.drafter)
