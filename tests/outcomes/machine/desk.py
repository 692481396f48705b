"""What authors, rapporteurs, organisers and staff do up to the conclusion, and with the plan."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from consultations import inputs, lifecycle
from consultations.models import Consultation, Input
from outcomes import conclusion, corrections, dispositions, drafting, positions, replanning, synthesis
from outcomes.models import Consideration, Disposition, Evidence, Outcome, SettingAside, Version
from tests.outcomes.machine.stage import picks, words
from tests.outcomes.machine.work import Work

KINDS = ["roundtable", "follow_up", "hearing"]
IN_WORK = ["in_synthesis", "in_validation"]


class Desk(Work):
    @initialize(
        feeds=st.lists(picks, min_size=3, max_size=5),
        kinds=st.booleans(),
        held=st.integers(1, 3),
        goes_on=st.sampled_from([3, 2, 3, 0]),
    )
    def plan(self, feeds: list[int], kinds: bool, held: int, goes_on: int) -> None:
        """Some events have been held when the acts begin, and the next is on its way."""
        self.found()
        made: list[Consultation] = []
        last = len(feeds) - 1
        for place in range(last, -1, -1):
            kind = "hearing" if place == last - (1 if kinds else 0) else "expert_consultation"
            consultation = self.planned(place, "follow_up" if kinds and place == last else kind)
            consultation.feeds_into = made[-1 - feeds[place] % len(made)] if made and feeds[place] % 4 else None
            consultation.save()
            self.invite(consultation)
            made.append(consultation)
        made.reverse()
        for consultation in made[:held]:
            self.lead_to_its_end(consultation, ["share skills"])
        for step in [self.open_up, self.gather, self.validate][:goes_on] if held < len(made) else []:
            step(made[held])

    @rule(pick=picks)
    def go_on(self, pick: int) -> None:
        """The next arrow of an event's life."""
        consultation, by = self.one(pick), self.other
        match consultation.state:
            case "planned":
                self.try_to(lifecycle.announce, consultation, by=by)
            case "announced":
                self.try_to(lifecycle.close_inputs, consultation, by=by)
            case "in_synthesis":
                closes_at = self.clock + timedelta(days=7)
                self.try_to(conclusion.open_validation, consultation, closes_at=closes_at, by=by)
            case _:
                self.try_to(lifecycle.announce, consultation, by=by)

    @rule(pick=picks, text=words, submit=st.booleans())
    def give_input(self, pick: int, text: str, submit: bool) -> None:
        own = self.one(pick, "announced").participations.get(person=self.author)
        input = self.try_to(inputs.save_draft, own, fields=self.fields_of_input(text, area=pick))
        if input and submit:
            self.try_to(inputs.submit, input, by=self.author)

    def fields_of_input(self, text: str, *, area: int) -> dict[str, object]:
        area_and_kind = {"area": self.areas[area % 2], "kind": "proposal", "attribution": "type"}
        return {**area_and_kind, "title": text, "text": f"Let us {text} soon."}

    @rule(pick=picks)
    def withdraw_input(self, pick: int) -> None:
        if rows := list(Input.objects.order_by("-pk")):
            self.try_to(inputs.withdraw, rows[pick % len(rows)], by=self.author)

    @rule(pick=picks, text=words, quote=st.booleans())
    def draft(self, pick: int, text: str, quote: bool) -> None:
        consultation = self.one(pick, *IN_WORK)
        self.try_to(drafting.draft_outcome, consultation, **self.new_draft(consultation, text, quote, pick % 3))

    def new_draft(self, consultation: Consultation, text: str, is_quoted: bool, rests_on: int) -> dict[str, object]:
        evidence = [
            drafting.NewEvidence(input=input, quote="Let us" if is_quoted else "")
            for input in consultation.inputs.all()[:rests_on]
        ]
        named = {"area": self.areas[rests_on % 2], "kind": "recommendation", "title": text, "statement": text}
        return {**named, "evidence": evidence, "by": self.drafter}

    @rule(pick=picks, text=words, by_drafter=st.booleans(), behind=st.sampled_from([0, 0, 1]))
    def edit(self, pick: int, text: str, by_drafter: bool, behind: int) -> None:
        """Rewrite a text as it was read: who read an older one is told, and writes over nothing."""
        texts = Version.objects.filter(is_correction=False, consultation__state__in=IN_WORK).order_by("-pk")
        if not texts:
            return
        version = texts[pick % len(texts)]
        named = {"title": text, "statement": f"{text}, edited", "revision": version.revision - behind}
        self.try_to(drafting.edit_draft, version, **named, by=self.drafter if by_drafter else self.other)
        assert self.refusal or not behind
        if isinstance(self.refusal, drafting.Overtaken):
            assert (self.refusal.stored.statement, bool(behind)) == (version.statement, True)

    @rule(pick=picks, other=picks, quote=st.booleans())
    def link_evidence(self, pick: int, other: int, quote: bool) -> None:
        row = self.row_in(pick, *IN_WORK)
        given = list(Input.objects.filter(consultation=row.consultation).order_by("pk")) if row else []
        if row and given:
            evidence = drafting.NewEvidence(input=given[other % len(given)], quote="soon" if quote else "")
            self.try_to(
                drafting.link_evidence, row.outcome, consultation=row.consultation, evidence=evidence, by=self.drafter
            )

    @rule(pick=picks)
    def withdraw_evidence(self, pick: int) -> None:
        if rows := list(Evidence.objects.order_by("-pk")):
            self.try_to(drafting.withdraw_evidence, rows[pick % len(rows)], reason="Misread.", by=self.drafter)

    @rule(pick=picks)
    def set_the_rest_aside(self, pick: int) -> None:
        consultation = self.one(pick, *IN_WORK)
        rest = list(conclusion.inputs_without_fate(consultation))
        self.try_to(synthesis.set_aside, rest, consultation=consultation, reason="Said elsewhere.", by=self.drafter)

    @rule(pick=picks)
    def take_back(self, pick: int) -> None:
        if rows := list(SettingAside.objects.select_related("input").order_by("-pk")):
            self.try_to(synthesis.take_back, rows[pick % len(rows)].input, by=self.drafter)

    @rule(pick=picks)
    def drop_draft(self, pick: int) -> None:
        if rows := list(Outcome.objects.order_by("-pk")):
            self.try_to(drafting.drop_draft, rows[pick % len(rows)], by=self.drafter)

    @rule(pick=picks, disposition=st.sampled_from(sorted(Disposition)), text=words)
    def dispose(self, pick: int, disposition: Disposition, text: str) -> None:
        laid = Consideration.objects.filter(version_before__isnull=False).order_by("-consultation__state", "-pk")
        rows = list(laid.filter(consultation__state__in=IN_WORK) if pick % 5 else laid)
        if rows:
            self.give(disposition, rows[pick % len(rows)], text, pick=pick, others=rows)

    def give(
        self,
        disposition: Disposition,
        row: Consideration,
        text: str,
        *,
        pick: int = 0,
        others: Sequence[Consideration] = (),
    ) -> None:
        """Give one disposition; `pick` says with how many `others` it is merged, and in how many parts it is split."""
        by = self.drafter
        match disposition:
            case Disposition.REAFFIRMED:
                self.try_to(dispositions.reaffirm, row, by=by)
            case Disposition.REFINED:
                self.try_to(dispositions.refine, row, title=text, statement=text, change_note="Clearer.", by=by)
            case Disposition.CONTESTED:
                self.try_to(dispositions.contest, row, reason="Not here.", by=by)
            case Disposition.RETIRED:
                self.try_to(dispositions.retire, row, reason="Done.", by=by)
            case Disposition.NOT_CONSIDERED:
                self.try_to(dispositions.leave_unconsidered, row, by=by)
            case Disposition.MERGED:
                beside = [other for other in others if other.consultation_id == row.consultation_id]
                self.try_to(
                    dispositions.merge,
                    [row, *beside[: 1 + pick % 2]],
                    area=self.areas[0],
                    kind="finding",
                    title=text,
                    statement=text,
                    addressees=[],
                    by=by,
                )
            case Disposition.SPLIT:
                parts = [dispositions.Part(title=text, statement=f"{text} {number}") for number in range(1 + pick % 3)]
                self.try_to(dispositions.split, row, parts=parts, by=by)
            case Disposition.NONE | Disposition.PROPOSED:
                self.try_to(dispositions.undo, row, by=by)
            case _:
                self.try_to(
                    dispositions.decide,
                    row,
                    disposition=disposition,
                    reason="So decided.",
                    title=text,
                    statement=f"{text} now",
                    by=by,
                )

    @rule(pick=picks, by_drafter=st.booleans())
    def conclude(self, pick: int, by_drafter: bool) -> None:
        consultation = self.one(pick, "in_validation")
        seen = conclusion.texts_as_they_stand(consultation)
        self.try_to(conclusion.conclude, consultation, seen=seen, by=self.drafter if by_drafter else self.other)

    @rule(pick=picks, texts=st.lists(words, min_size=1, max_size=3))
    def go_through(self, pick: int, texts: list[str]) -> None:
        """So that random acts meet events far along."""
        self.lead_to_its_end(self.one(pick, "planned", "announced", *IN_WORK), texts)

    def lead_to_its_end(self, consultation: Consultation, texts: list[str]) -> None:
        """Lead one event from where it is to its conclusion, and carry what is live."""
        by = self.drafter
        self.open_up(consultation, texts)
        self.gather(consultation)
        for flag in corrections.open_flags(consultation):
            self.lead(corrections.resolve, flag, is_taken=len(texts) > 1, reason="So decided.", by=by)
        for row in Consideration.objects.filter(consultation=consultation, disposition=""):
            if consultation.is_hearing:
                self.lead(dispositions.decide, row, disposition=Disposition.ADOPTED, by=by)
            else:
                self.lead(dispositions.leave_unconsidered, row, by=by)
        for fact in positions.disputed(consultation):
            self.lead(positions.answer_correction, fact, is_accepted=True, answer="", by=by)
        self.validate(consultation)
        for person in [self.other, self.drafter]:
            seen = conclusion.texts_as_they_stand(consultation)
            self.lead(conclusion.sign, consultation, seen=seen, by=person)
        self.lead(conclusion.conclude, consultation, seen=seen, by=self.other)
        self.do_all()

    def open_up(self, consultation: Consultation, texts: Sequence[str] = ("plan together",)) -> None:
        self.lead(lifecycle.announce, consultation, by=self.other)
        own = consultation.participations.get(person=self.author)
        for text in texts:
            if input := self.lead(inputs.save_draft, own, fields=self.fields_of_input(text, area=0)):
                self.lead(inputs.submit, input, by=self.author)

    def gather(self, consultation: Consultation) -> None:
        self.lead(lifecycle.close_inputs, consultation, by=self.other)
        self.lead(drafting.draft_outcome, consultation, **self.new_draft(consultation, "share skills", True, 1))
        rest = list(conclusion.inputs_without_fate(consultation))
        self.lead(synthesis.set_aside, rest, consultation=consultation, reason="Said elsewhere.", by=self.drafter)

    def validate(self, consultation: Consultation) -> None:
        closes_at = self.clock + timedelta(days=7)
        self.lead(conclusion.open_validation, consultation, closes_at=closes_at, by=self.drafter)

    @rule(
        acts=st.lists(
            st.tuples(st.sampled_from(["feed", "feed", "insert", "new", "kind", "cancel"]), picks, picks),
            min_size=1,
            max_size=4,
        )
    )
    def replan(self, acts: list[tuple[str, int, int]]) -> None:
        """Change the plan, also that of consultations that have ended, as staff do when it all comes at once."""
        for act, pick, other in acts:
            consultation, by = self.one(pick), self.other
            match act:
                case "feed":
                    following = self.one(other) if other % 5 else None
                    self.try_to(replanning.feed_into, consultation, following=following, by=by)
                case "insert":
                    self.try_to(replanning.insert_after, consultation, placed=self.one(other), by=by)
                case "new" if (number := Consultation.objects.count()) < 8:
                    placed = self.planned(number, KINDS[other % 3])
                    if self.try_to(replanning.insert_after, consultation, placed=placed, by=by):
                        self.invite(placed)
                case "kind":
                    self.try_to(replanning.change_kind, consultation, kind=KINDS[other % 3], by=by)
                case "cancel":
                    self.try_to(conclusion.cancel, consultation, reason="No venue.", by=by)
            self.everything_holds()
        self.do_all()
