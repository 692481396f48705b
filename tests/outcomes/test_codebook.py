"""The codebook of a series: rename, merge, retire, by those who may."""

from datetime import timedelta

import pytest
from django.urls import reverse

from consultations.models import ConsultationState, Role
from outcomes import codebook, synthesis
from outcomes.models import Tag, Tagging
from stakeholders.refusals import Refused
from tests import factories

pytestmark = pytest.mark.django_db


def tagged(event, name: str, *inputs, at=factories.SYNTHESIS) -> Tag:
    synthesis.tag(inputs, consultation=event.consultation, name=name, by=event.rapporteur, at=at)
    return Tag.objects.get(series=event.consultation.series, name=name)


def test_a_merge_moves_taggings_with_who_and_when_and_doubles_none(event):
    skills = tagged(event, "skills", event.by_type, event.named)
    later = factories.SYNTHESIS + timedelta(days=1)
    training = tagged(event, "training", event.named, event.unpublished, at=later)
    assert codebook.merge_tags(training, into=skills, by=event.staff) == 1
    assert set(Tagging.objects.values_list("tag__name", "input", "tagged_at", "tagged_by")) == {
        ("skills", event.by_type.pk, factories.SYNTHESIS, event.rapporteur.pk),
        ("skills", event.named.pk, factories.SYNTHESIS, event.rapporteur.pk),
        ("skills", event.unpublished.pk, later, event.rapporteur.pk),
    }
    assert list(Tag.objects.values_list("name", flat=True)) == ["skills"]
    last = Tag.history.filter(name="training").latest("history_id")
    assert (last.history_type, last.history_change_reason) == ("-", "merged into skills")


def test_a_tag_is_not_merged_with_itself_across_series_or_into_a_retired_one(event):
    skills, funds = tagged(event, "skills", event.named), tagged(event, "funds", event.named)
    foreign = Tag.objects.create(series=factories.make_series("other"), name="skills")
    codebook.retire_tag(funds, by=event.staff, at=factories.SYNTHESIS)
    for into in [skills, foreign, funds]:
        with pytest.raises(Refused):
            codebook.merge_tags(skills, into=into, by=event.staff)
    assert Tagging.objects.filter(tag=skills).count() == 1


def test_a_name_is_there_once_however_it_is_written(event):
    skills, funds = tagged(event, "skills", event.named), tagged(event, "funds", event.named)
    with pytest.raises(Refused, match="Merge the two instead"):
        codebook.describe_tag(funds, name=" SKILLS ", description="", by=event.staff)
    with pytest.raises(Refused, match="already"):
        codebook.add_tag(event.consultation.series, name="Funds", description="", by=event.staff)
    codebook.describe_tag(skills, name="Skills", description=" What people can do. ", by=event.staff)
    skills.refresh_from_db()
    assert (skills.name, skills.description) == ("Skills", "What people can do.")


def test_a_retired_tag_stays_where_it_is_and_is_put_on_nothing_until_taken_up_again(event):
    skills = tagged(event, "skills", event.named)
    codebook.retire_tag(skills, by=event.staff, at=factories.SYNTHESIS)
    with pytest.raises(Refused, match="is retired"):
        tagged(event, "Skills", event.by_type)
    assert list(Tagging.objects.values_list("input", flat=True)) == [event.named.pk]
    codebook.resume_tag(skills, by=event.staff)
    tagged(event, "skills", event.by_type)
    assert Tagging.objects.count() == 2


def test_the_codebook_belongs_to_rapporteurs_of_the_series_who_are_at_work(event):
    series = event.consultation.series
    for person, may in [(event.rapporteur, True), (event.staff, True), (event.organiser, False)]:
        assert person.user is None or person.user.has_perm("outcomes.change_codebook", series) == may
    from stakeholders.accounts import ensure_account

    foreign = ensure_account(event.foreign_rapporteur)
    assert not foreign.has_perm("outcomes.change_codebook", series)
    factories.bring_to(event.later, ConsultationState.IN_SYNTHESIS, by=event.staff)
    assert foreign.has_perm("outcomes.change_codebook", series)
    other = factories.plan(factories.make_series("other"), "OTHER")
    factories.bring_to(other, ConsultationState.IN_SYNTHESIS, by=event.staff)
    elsewhere = factories.take_part(other, role=Role.RAPPORTEUR).person
    assert not ensure_account(elsewhere).has_perm("outcomes.change_codebook", series)


def test_the_pages_of_the_codebook_from_adding_to_merging(event, sign_in):
    skills, training = tagged(event, "skills", event.named), tagged(event, "R&D", event.by_type)
    client = sign_in(event.rapporteur)
    url = reverse("outcomes:codebook", args=["JHB11"])
    client.post(url, {"name": "roads", "description": "Streets too."})
    page = client.get(url).content.decode()
    assert "Streets too." in page
    assert "?tag=R%26D" in page
    assert list(client.get(reverse("outcomes:desk_inputs", args=["JHB11"]) + "?tag=R%26D").context["page"]) == [
        event.by_type
    ]
    one = reverse("outcomes:codebook_tag", args=["JHB11", training.pk])
    assert "already" in client.post(one, {"act": "describe", "name": "Skills"}).content.decode()
    client.post(one, {"act": "retire"})
    assert "retired" in client.get(one).content.decode()
    client.post(one, {"act": "resume"})
    answer = client.post(one, {"act": "merge", "into": skills.pk}, follow=True)
    assert "“R&amp;D” is merged into “skills”, which 1 more input has now." in answer.content.decode()
    assert client.get(one).status_code == 404
    history = client.get(reverse("outcomes:codebook_tag", args=["JHB11", skills.pk])).content.decode()
    assert event.rapporteur.email not in history


def test_a_tag_of_another_series_is_not_there(event, sign_in):
    foreign = Tag.objects.create(series=factories.make_series("other"), name="secret")
    one = reverse("outcomes:codebook_tag", args=["JHB11", foreign.pk])
    assert sign_in(event.rapporteur).get(one).status_code == 404
    skills = tagged(event, "skills", event.named)
    mine = reverse("outcomes:codebook_tag", args=["JHB11", skills.pk])
    sign_in(event.rapporteur).post(mine, {"act": "merge", "into": foreign.pk})
    assert Tag.objects.filter(pk=skills.pk).exists()
