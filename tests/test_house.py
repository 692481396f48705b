"""Rules of the house that hold for every model, so that a new one cannot forget them."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from consultations.models import ColleagueProposal, Consent
from outcomes import synthesis
from outcomes.models import Correction, FactualCorrection, Flag, Position, Tag, Version
from reports.models import Edition, EditionFile
from stakeholders.kept import FrozenError
from stakeholders.models import ErasureRequest, SecondFactorReset
from tests import factories

OURS = ["jobs", "stakeholders", "consultations", "outcomes", "reports"]

MUTABLE = {
    "consultations.AgendaSession",
    "consultations.Attachment",
    "consultations.ColleagueProposal",
    "consultations.Consultation",
    "consultations.CooperationArea",
    "consultations.Dispatch",
    "consultations.EarlierMeeting",
    "consultations.GuidingQuestion",
    "consultations.Input",
    "consultations.InputSheet",
    "consultations.Letter",
    "consultations.LetterText",
    "consultations.Needs",
    "consultations.Participation",
    "consultations.Region",
    "consultations.RegionTarget",
    "consultations.Series",
    "consultations.Target",
    "consultations.Theme",
    "outcomes.Consideration",
    "outcomes.Descent",
    "outcomes.Correction",
    "outcomes.Outcome",
    "outcomes.RollForward",
    "outcomes.Tag",
    "outcomes.Tagging",
    "reports.EditionJob",
    "stakeholders.AddressImport",
    "stakeholders.ErasureRequest",
    "stakeholders.ImportRow",
    "stakeholders.Message",
    "stakeholders.Organisation",
    "stakeholders.Person",
    "stakeholders.StakeholderType",
    "stakeholders.User",
}
APPEND_ONLY = {
    "consultations.Consent": "what somebody agreed to, or took back",
    "stakeholders.SecondFactorReset": "kept with its reason",
    "outcomes.Evidence": "withdrawn with a reason, never deleted",
    "outcomes.FactualCorrection": "answered, never deleted",
    "outcomes.Flag": "decided, never deleted",
    "outcomes.Position": "replaced by a later one or withdrawn, never deleted",
    "outcomes.SettingAside": "taken back, never deleted",
    "outcomes.Version": "final once its consultation is concluded",
    "reports.Edition": "only published, never changed",
    "reports.EditionFile": "never changed",
    "reports.Place": "read back once, never changed",
}


def our_models() -> list[type[models.Model]]:
    found = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return [model for model in found if not model.__name__.startswith("Historical")]


def test_every_model_is_mutable_or_append_only():
    names = {model._meta.label for model in our_models()}
    assert names == MUTABLE | set(APPEND_ONLY)
    assert not MUTABLE & set(APPEND_ONLY)


@pytest.mark.django_db
@pytest.mark.parametrize("label", sorted(APPEND_ONLY))
def test_what_is_append_only_refuses_deletion(label, one_of_each):
    model = apps.get_model(label)
    row = frozen_version() if model is Version else one_of_each[model]
    for deletion in [row.delete, model._default_manager.filter(pk=row.pk).delete]:
        with pytest.raises(FrozenError):
            deletion()
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.django_db
def test_an_edition_and_its_files_are_never_changed(one_of_each):
    edition, file = one_of_each[Edition], one_of_each[EditionFile]
    edition.snapshot = "other"
    for change in [
        edition.save,
        file.save,
        lambda: Edition.objects.update(snapshot="other"),
        lambda: EditionFile.objects.update(size=1),
    ]:
        with pytest.raises(FrozenError):
            change()
    assert Edition.objects.get().snapshot == "{}"
    assert EditionFile.objects.get().size == 3


def frozen_version() -> Version:
    staff, writer = factories.make_staff(), factories.make_person()
    consultation = factories.plan(factories.make_series("other"), "OTHER")
    factories.bring_to(consultation, "in_synthesis", by=staff)
    outcome = factories.draft_outcome(consultation, by=writer)
    factories.bring_to(consultation, "concluded", by=staff)
    return outcome.versions.get()


def pairs() -> list[tuple[type[models.Model], str]]:
    """Every model with `<act>_at` and `<act>_by` where both may be empty."""
    found = []
    for model in our_models():
        names = {field.name: field for field in model._meta.concrete_fields}
        for name, field in names.items():
            partner = names.get(f"{name.removesuffix('_at')}_by")
            if name.endswith("_at") and partner is not None and field.null and partner.null:
                found.append((model, name.removesuffix("_at")))
    return found


def test_there_are_pairs_to_look_at():
    assert {f"{model._meta.label}.{act}" for model, act in pairs()} == {
        "consultations.ColleagueProposal.decided",
        "consultations.Consultation.announced",
        "consultations.Consultation.cancelled",
        "consultations.Consultation.concluded",
        "consultations.Participation.checked_in",
        "consultations.Participation.more_time",
        "outcomes.Consideration.disposed",
        "outcomes.Evidence.withdrawn",
        "outcomes.FactualCorrection.answered",
        "outcomes.Flag.resolved",
        "outcomes.Outcome.dropped",
        "outcomes.Outcome.withdrawn",
        "outcomes.SettingAside.taken_back",
        "outcomes.Tag.retired",
        "outcomes.Version.discarded",
        "outcomes.Version.signed",
        "reports.Edition.published",
        "stakeholders.ErasureRequest.answered",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "act"), pairs(), ids=lambda value: getattr(value, "__name__", value))
def test_when_and_by_whom_are_told_together(model, act, one_of_each):
    row = one_of_each[model]
    person = one_of_each["person"]
    for half in [{f"{act}_at": timezone.now(), f"{act}_by": None}, {f"{act}_at": None, f"{act}_by": person}]:
        with pytest.raises(IntegrityError), transaction.atomic():
            models.QuerySet(model).filter(pk=row.pk).update(**half)


@pytest.fixture
def one_of_each():
    """One row of every model that has a pair."""
    staff, writer = factories.make_staff(), factories.make_person()
    consultation = factories.bring_to(factories.plan(factories.make_series()), "announced", by=staff)
    author = factories.take_part(consultation)
    used, other = factories.give_input(author), factories.give_input(author)
    factories.bring_to(consultation, "in_synthesis", by=staff)
    outcome = factories.draft_outcome(consultation, by=writer, evidence=[used])
    synthesis.set_aside([other], consultation=consultation, reason="Said.", by=writer, at=factories.SYNTHESIS)
    tag = Tag.objects.create(series=consultation.series, name="skills")
    edition = Edition.objects.create(
        consultation=consultation, number=1, language="en", snapshot="{}", sha256="0" * 64,
        frozen_at=factories.NOW, frozen_by=staff,
    )  # fmt: skip
    file = EditionFile.objects.create(edition=edition, format="pdf", file="x.pdf", sha256="0" * 64, size=3)
    place = edition.places.create(reference="JHB11-KT-01", chapter="Summary", paragraph=1, page=3, label="3")
    reset = SecondFactorReset.objects.create(user=staff.user, reset_at=factories.NOW, reset_by=staff, reason="Called.")
    proposal = ColleagueProposal.objects.create(
        participation=author, proposed_at=factories.NOW, decided_at=factories.NOW, decided_by=staff
    )
    consent = Consent.objects.create(
        participation=author, kind="may_be_listed", is_given=True, said_at=factories.NOW, wording="May we?"
    )
    wish = ErasureRequest.objects.create(
        person=writer, removes_texts=False, asked_at=factories.NOW, answered_at=factories.NOW, answered_by=staff,
        is_granted=True,
    )  # fmt: skip
    here = outcome.considerations.get()
    on_text = {"consideration": here, "participation": author, "version": here.version_after}
    said = Position.objects.create(**on_text, stance="support", attribution="type", taken_at=factories.NOW)
    facts = FactualCorrection.objects.create(**on_text, text="It is ten.", given_at=factories.NOW)
    correction = Correction.objects.create(
        outcome=outcome, consultation=consultation, reason="Wrong.", made_at=factories.NOW, made_by=staff
    )
    flag = Flag.objects.create(correction=correction, consideration=here, raised_at=factories.NOW)
    rows = [
        said, facts, flag,
        wish, consent, proposal, reset, consultation, outcome, outcome.versions.get(), outcome.evidence.get(),
        outcome.considerations.get(), other.settings_aside.get(), edition, file, place, author, tag,
    ]  # fmt: skip
    return {type(row): row for row in rows} | {"person": writer}


def test_people_are_never_removed_with_what_points_at_them():
    """Incoming keys protect; only parts of a plan that has no life of its own go with their whole."""
    cascading = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete is models.CASCADE
    }
    assert cascading == {
        "consultations.AgendaSession.consultation",
        "consultations.EarlierMeeting.series",
        "consultations.GuidingQuestion.area",
        "consultations.LetterText.letter",
        "consultations.Region.series",
        "consultations.RegionTarget.consultation",
        "consultations.Target.consultation",
        "consultations.Theme.consultation",
    }
