"""Who gets in where: every address of the project, asked for by every kind of viewer, against one table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from consultations.attachments import attach
from consultations.attendance import badge_path
from consultations.invitations import invitation_path
from consultations.models import Answer, ColleagueProposal, Consultation, ConsultationKind, InputSheet, Letter, Role
from outcomes.corrections import propose_correction
from outcomes.models import Correction, FactualCorrection, Flag, Position
from outcomes.synthesis import set_aside, tag
from reports.models import Edition, EditionFile, EditionJob
from stakeholders.accounts import ensure_account
from stakeholders.messages import stop_path
from tests.factories import (
    NOW,
    SYNTHESIS,
    bring_to,
    conclude_and_carry,
    draft_input,
    draft_outcome,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)

pytestmark = pytest.mark.django_db
VIEWERS = ["visitor", "elsewhere", "declined", "invited", "participant", "rapporteur", "organiser", "staff"]
"""`elsewhere` organises an event of another series; the others belong to this one. `participant` wrote the inputs."""

TABLE = """
consultations:enter_input          GET   login 403   403   403   403   403   403   in
consultations:enter_input          POST  login 403   403   403   403   403   403   in
consultations:file                 GET   login 404   404   404   in    in    in    in
consultations:files                GET   login 404   404   404   in    403   403   403
consultations:files                POST  login 404   404   404   in    403   403   403
consultations:remove_file          POST  login 404   404   404   in    403   403   403
consultations:home                 GET   in    in    in    in    in    in    in    in
consultations:series               GET   in    in    in    in    in    in    in    in
consultations:consultation         GET   in    in    in    in    in    in    in    in
consultations:calendar             GET   in    in    in    in    in    in    in    in
consultations:invitation           GET   login 404   in    in    in    in    in    404
consultations:invitation           POST  login 404   in    in    in    in    in    404
consultations:new_input            GET   login 403   in    in    in    in    in    403
consultations:new_input            POST  403   403   in    in    in    in    in    403
consultations:autosave             POST  403   403   in    in    in    in    in    403
consultations:participants         GET   in    in    in    in    in    in    in    in
consultations:participants         POST  403   403   403   403   403   403   in    in
consultations:invitation_link      GET   in    in    in    in    in    in    in    in
consultations:input                GET   login 404   404   404   in    in    in    in
consultations:edit_input           GET   login 404   404   404   in    403   403   403
consultations:edit_input           POST  403   404   404   404   in    403   403   403
consultations:attribution          POST  login 404   404   404   in    403   403   403
consultations:withdraw_input       GET   login 404   404   404   in    404   404   404
consultations:withdraw_input       POST  login 404   404   404   in    404   404   404
consultations:attendance           GET   login 403   403   403   403   403   in    in
consultations:attendance           POST  login 403   403   403   403   403   in    in
consultations:attendance_of_one    POST  login 403   403   403   403   403   404   404
consultations:badge                GET   login 404   404   404   404   404   in    in
consultations:badge                POST  login 404   404   404   404   404   in    in
consultations:door                 GET   login 403   403   403   403   403   in    in
consultations:door                 POST  login 403   403   403   403   403   404   404
consultations:needs                GET   login 403   403   403   403   403   in    in
consultations:empty_sheet          GET   login 403   403   403   403   403   403   in
consultations:input_sheet          GET   login 403   403   403   403   403   403   in
consultations:input_sheet          POST  login 403   403   403   403   403   403   in
consultations:input_sheets         GET   login 403   403   403   403   403   403   in
consultations:input_sheets         POST  login 403   403   403   403   403   403   in
consultations:sheet_left_over      GET   login 403   403   403   403   403   403   in
consultations:letters              GET   login 403   403   403   403   403   in    in
consultations:letters              POST  login 403   403   403   403   403   404   404
consultations:letter               GET   login 403   403   403   403   403   in    in
consultations:letter               POST  login 403   403   403   403   403   in    in
consultations:letter_people        GET   login 403   403   403   403   403   in    in
consultations:letter_people        POST  login 403   403   403   403   403   in    in
consultations:letter_preview       GET   login 403   403   403   403   403   in    in
consultations:letter_preview       POST  login 403   403   403   403   403   in    in
consultations:proposal             POST  login 403   403   403   403   403   404   404
consultations:put_on_list          GET   login 403   403   403   403   403   403   in
consultations:put_on_list          POST  login 403   403   403   403   403   403   in
consultations:more_time            GET   login 403   403   403   403   403   in    in
consultations:more_time            POST  login 403   403   403   403   403   in    in
consultations:more_time_for_one    GET   login 403   403   403   403   403   in    in
consultations:more_time_for_one    POST  login 403   403   403   403   403   in    in
consultations:my_page              GET   login in    in    in    in    in    in    in
outcomes:outcomes                  GET   in    in    in    in    in    in    in    in
outcomes:area_lineage              GET   in    in    in    in    in    in    in    in
outcomes:outcome                   GET   in    in    in    in    in    in    in    in
outcomes:drafts                    GET   login 403   403   403   403   in    in    in
outcomes:desk                      GET   login 403   403   403   403   in    in    in
outcomes:begin_synthesis           POST  login 403   403   403   403   in    in    in
outcomes:open_validation           GET   login 403   403   403   403   in    403   in
outcomes:open_validation           POST  login 403   403   403   403   in    403   in
outcomes:desk_inputs               GET   login 403   403   403   403   in    in    in
outcomes:desk_inputs               POST  login 403   403   403   403   in    403   in
outcomes:like                      GET   login 403   403   403   403   in    in    in
outcomes:codebook                  GET   login 403   403   403   403   in    in    in
outcomes:codebook                  POST  login 403   403   403   403   in    403   in
outcomes:codebook_tag              GET   login 403   403   403   403   in    in    in
outcomes:codebook_tag              POST  login 403   403   403   403   in    403   in
outcomes:take_back                 POST  login 403   403   403   403   in    403   in
outcomes:untag                     POST  login 403   403   403   403   in    403   in
outcomes:desk_before               GET   login 403   403   403   403   in    in    in
outcomes:desk_before               POST  login 403   403   403   403   in    403   in
outcomes:merge                     GET   login 403   403   403   403   in    403   in
outcomes:merge                     POST  login 403   403   403   403   in    403   in
outcomes:consideration             GET   login 403   403   403   403   in    in    in
outcomes:consideration             POST  login 403   403   403   403   in    403   in
outcomes:split                     GET   login 403   403   403   403   in    403   in
outcomes:split                     POST  login 403   403   403   403   in    403   in
outcomes:undo                      POST  login 403   403   403   403   in    403   in
outcomes:desk_drafts               GET   login 403   403   403   403   in    in    in
outcomes:draft_new                 GET   login 403   403   403   403   in    403   in
outcomes:draft_new                 POST  login 403   403   403   403   in    403   in
outcomes:draft_edit                GET   login 403   403   403   403   in    in    in
outcomes:draft_edit                POST  login 403   403   403   403   in    403   in
outcomes:drop_draft                POST  login 403   403   403   403   in    403   in
outcomes:link_evidence             GET   login 403   403   403   403   in    403   in
outcomes:link_evidence             POST  login 403   403   403   403   in    403   in
outcomes:withdraw_evidence         GET   login 403   403   403   403   in    403   in
outcomes:withdraw_evidence         POST  login 403   403   403   403   in    403   in
outcomes:balance                   GET   login 403   403   403   403   403   in    in
outcomes:unasked                   GET   login 403   403   403   403   403   in    in
outcomes:validation                GET   login 403   403   403   403   in    in    in
outcomes:validation_area           GET   login 403   403   403   403   in    in    in
outcomes:validation_area           POST  login 403   403   403   403   403   in    403
outcomes:validation_for            GET   login 403   403   403   403   403   403   in
outcomes:validation_for            POST  login 403   403   403   403   403   403   in
outcomes:became                    GET   login 404   in    in    in    in    in    404
outcomes:withdraw_position         POST  login 404   404   404   in    404   404   404
outcomes:desk_positions            GET   login 403   403   403   403   in    in    in
outcomes:positions_on_behalf       GET   login 403   403   403   403   403   403   in
outcomes:extend_validation         GET   login 403   403   403   403   in    403   in
outcomes:extend_validation         POST  login 403   403   403   403   in    403   in
outcomes:answer_correction         POST  login 403   403   403   403   in    403   in
outcomes:desk_corrections          GET   login 403   403   403   403   in    in    in
outcomes:correct                   GET   login 403   403   403   403   in    in    in
outcomes:correct                   POST  login 403   403   403   403   in    in    in
outcomes:sign_correction           POST  login 403   403   403   403   403   in    in
outcomes:drop_correction           POST  login 403   403   403   403   in    in    in
outcomes:withdraw_outcome          GET   login 403   403   403   403   403   in    in
outcomes:withdraw_outcome          POST  login 403   403   403   403   403   in    in
outcomes:resolve_flag              POST  login 403   403   403   403   in    403   in
outcomes:sign                      POST  login 403   403   403   403   403   in    in
outcomes:conclude                  GET   login 403   403   403   403   in    in    in
outcomes:conclude                  POST  login 403   403   403   403   403   in    in
outcomes:roll_forward              GET   login 403   403   403   403   in    in    in
reports:cancel_job                 POST  login 404   404   404   404   404   in    in
reports:compare                    GET   404   404   404   404   404   404   in    in
reports:document                   GET   404   404   404   404   404   404   in    in
reports:document                   POST  404   404   404   404   404   404   in    in
reports:job                        GET   login 404   404   404   404   404   in    in
reports:edition                    GET   404   404   404   404   404   404   in    in
reports:publish                    POST  login 404   404   404   404   404   403   in
reports:download                   GET   404   404   404   404   404   404   in    in
reports:door_print                 GET   login 403   403   403   403   403   in    in
reports:editions                   GET   in    in    in    in    in    in    in    in
reports:schema                     GET   in    in    in    in    in    in    in    in
reports:retry_job                  POST  login 404   404   404   404   404   in    in
stakeholders:mail                  GET   in    in    in    in    in    in    in    in
stakeholders:account               GET   login in    in    in    in    in    in    in
stakeholders:data                  GET   login in    in    in    in    in    in    in
stakeholders:data                  POST  login in    in    in    in    in    in    in
stakeholders:data_json             GET   login in    in    in    in    in    in    in
stakeholders:erasure               POST  login in    in    in    in    in    in    in
stakeholders:address               GET   login in    in    in    in    in    in    in
stakeholders:address               POST  login in    in    in    in    in    in    in
stakeholders:reminders             POST  login in    in    in    in    in    in    in
stakeholders:stop_reminders        GET   in    in    in    in    in    in    in    in
stakeholders:stop_reminders        POST  in    in    in    in    in    in    in    in
stakeholders:second_factor         GET   login in    in    in    in    in    in    in
stakeholders:sessions              GET   login in    in    in    in    in    in    in
stakeholders:sessions              POST  login in    in    in    in    in    in    in
"""
"""One line for each address and method, one column for each of VIEWERS: let in, asked to sign in, or refused."""

BODIES = {"consultations:invitation": {"act": "accept"}}
"""What a POST needs to be understood at all; the others are sent empty."""
NOT_OURS = ("account_", "mfa_", "health")
"""Addresses of allauth and of the health check, which hold nothing of the project and have tests of their own."""


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """Give the name of every address, with its namespace."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            yield from addresses(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


@pytest.fixture
def scene(clock) -> dict[str, Any]:
    """A series with an event that has ended, one at work and a planned hearing, and one person of each kind."""
    series, staff, writer = make_series(), make_staff(), make_person()
    ended, work = plan(series, "ENDED"), plan(series, "WORK")
    hearing = plan(series, "HEAR", kind=ConsultationKind.HEARING)
    ended.feeds_into, work.feeds_into = work, hearing
    for consultation in [ended, work, hearing]:
        consultation.save()
    people = {name: make_person(f"{name} (sample)") for name in VIEWERS[1:-1]} | {"staff": staff}
    for consultation in [ended, work]:
        bring_to(consultation, "announced", by=staff)
        for name in ["participant", "rapporteur", "organiser"]:
            take_part(consultation, people[name], role=Role(name))
        take_part(consultation, people["declined"], answer=Answer.DECLINED)
    invited = take_part(work, people["invited"], answer=Answer.INVITED)
    take_part(plan(make_series("other"), "OTHER"), people["elsewhere"], role=Role.ORGANISER)

    bring_to(ended, "in_synthesis", by=staff)
    outcome = draft_outcome(ended, by=writer)
    conclude_and_carry(ended, by=staff)
    left_with = outcome.considerations.get(consultation=ended)
    propose_correction(left_with, title="Two funds", statement="Two.", reason="Wrong.", by=writer, at=SYNTHESIS)
    correction = Correction.objects.create(
        outcome=outcome, consultation=ended, reason="Wrong.", made_at=SYNTHESIS, made_by=staff
    )
    flag = Flag.objects.create(
        correction=correction, consideration=outcome.considerations.get(consultation=work), raised_at=SYNTHESIS
    )
    of_ended = {"code": ended.code, "reference": outcome.reference}

    author = work.participations.get(person=people["participant"])
    draft = draft_input(author)
    used, aside = give_input(author), give_input(author)
    attach(used, file=SimpleUploadedFile("plan.pdf", b"%PDF-1.7"), at=NOW)
    bring_to(work, "in_synthesis", by=staff)
    born = draft_outcome(work, by=writer, evidence=[used])
    set_aside([aside], consultation=work, reason="Said elsewhere.", by=writer, at=SYNTHESIS)
    tag([used], consultation=work, name="training", by=writer, at=SYNTHESIS)

    on_text = {"consideration": born.considerations.get(), "version": born.versions.get(), "participation": author}
    said = Position.objects.create(**on_text, stance="support", attribution="type", taken_at=SYNTHESIS)
    facts = FactualCorrection.objects.create(**on_text, text="It is ten.", given_at=SYNTHESIS)

    edition = Edition.objects.create(
        consultation=hearing, number=1, language="en", snapshot="{}", sha256="0", frozen_at=SYNTHESIS, frozen_by=staff
    )
    file = EditionFile(edition=edition, format=EditionFile.Format.PDF, sha256="0", size=3)
    file.file.save("dossier.pdf", ContentFile(b"pdf"), save=False)
    file.save()
    job = EditionJob.objects.create(consultation=hearing, asked_by=staff)
    at_work = {"code": work.code}
    letter = Letter.objects.create(consultation=work, kind="invitation", written_at=NOW, written_by=staff)
    letter.texts.create(language="en", subject="Come", text="Come.")
    sheet = InputSheet.objects.create(
        consultation=work, file_name="x.csv", headers=["Participant", "Area", "Kind", "Title", "Text"], rows=[],
        uploaded_at=NOW, uploaded_by=staff,
    )  # fmt: skip
    of_sheet = at_work | {"pk": sheet.pk}
    of_letter = at_work | {"pk": letter.pk}
    proposal = ColleagueProposal.objects.create(
        participation=invited, name="Colleague (sample)", email="colleague@city.example", proposed_at=NOW
    )
    of_input, of_edition = {"pk": used.pk}, {"code": hearing.code, "document": "dossier", "number": edition.number}
    kwargs = {
        "series": {"slug": series.slug},
        "outcome": {"reference": outcome.reference},
        "outcomes": {"slug": series.slug},
        "area_lineage": {"slug": series.slug, "code": "KT"},
        "editions": {"slug": series.slug},
        "input": of_input,
        "edit_input": of_input,
        "attribution": of_input,
        "data": {},
        "data_json": {},
        "erasure": {},
        "withdraw_input": {"pk": draft.pk},
        "invitation_link": {"token": invitation_path(invited).split("/")[2]},
        "unasked": at_work | {"slug": "city"},
        "enter_input": at_work | {"pk": author.pk},
        "files": of_input,
        "file": of_input | {"number": 1},
        "remove_file": of_input | {"number": 1},
        "more_time_for_one": at_work | {"pk": author.pk},
        "take_back": at_work | {"number": aside.number},
        "like": at_work | {"number": aside.number},
        "codebook_tag": at_work | {"pk": series.tags.get().pk},
        "untag": at_work | {"number": used.number, "tag": series.tags.get().pk},
        "consideration": at_work | {"reference": outcome.reference},
        "split": at_work | {"reference": outcome.reference},
        "undo": at_work | {"reference": outcome.reference},
        "draft_edit": at_work | {"reference": born.reference},
        "drop_draft": at_work | {"reference": born.reference},
        "link_evidence": at_work | {"reference": born.reference},
        "withdraw_evidence": at_work | {"pk": born.evidence.get().pk},
        "correct": of_ended,
        "sign_correction": of_ended,
        "drop_correction": of_ended,
        "withdraw_outcome": of_ended,
        "resolve_flag": at_work | {"pk": flag.pk},
        "validation_area": at_work | {"area": born.area.code},
        "validation_for": at_work | {"area": born.area.code, "person": author.pk},
        "withdraw_position": {"pk": said.pk},
        "answer_correction": at_work | {"pk": facts.pk},
        "roll_forward": {"code": ended.code, "pk": ended.roll_forwards.get().pk},
        "document": {"code": hearing.code, "document": "dossier"},
        "compare": {"code": hearing.code, "document": "dossier"},
        "cancel_job": {"code": hearing.code, "document": "dossier", "pk": job.pk},
        "retry_job": {"code": hearing.code, "document": "dossier", "pk": job.pk},
        "job": {"code": hearing.code, "document": "dossier", "pk": job.pk},
        "attendance_of_one": at_work | {"pk": author.pk},
        "badge": {"token": badge_path(author).split("/")[2]},
        "door_print": at_work | {"what": "list"},
        "input_sheet": of_sheet,
        "sheet_left_over": of_sheet,
        "letter": of_letter,
        "letter_people": of_letter,
        "letter_preview": of_letter,
        "proposal": at_work | {"pk": proposal.pk},
        "reminders": {},
        "stop_reminders": {"token": stop_path(people["invited"]).split("/")[3]},
        "home": {},
        "schema": {},
        "my_page": {},
        "mail": {},
        "account": {},
        "address": {},
        "second_factor": {},
        "sessions": {},
        "edition": of_edition,
        "publish": of_edition,
        "download": of_edition | {"format": "pdf"},
    }
    users = {name: ensure_account(person) for name, person in people.items()}
    return {"users": users, "kwargs": lambda name: kwargs.get(name.partition(":")[2], at_work)}


def answer_to(response: HttpResponse) -> str:
    """What the door said: in, login, or the number of the refusal."""
    if response.status_code in {403, 404, 405}:
        return str(response.status_code)
    sign_in = ("/accounts/login/", "/admin/login/")
    leads_to_login = response.status_code == 302 and response["Location"].startswith(sign_in)
    return "login" if leads_to_login else "in"


def ask(scene: dict[str, Any], viewer: str, method: str, path: str, body: dict[str, str] | None = None) -> str:
    """What a viewer is told there; nothing that an act changes stays."""
    client = Client()
    if viewer != "visitor":
        client.force_login(scene["users"][viewer])
    with transaction.atomic():
        told = answer_to(getattr(client, method.lower())(path, body))
        transaction.set_rollback(True)
    return told


def test_every_address_lets_in_whom_it_should(scene):
    found = []
    for name in sorted(set(addresses())):
        if name.startswith(("admin:", *NOT_OURS)):
            continue
        path = reverse(name, kwargs=scene["kwargs"](name))
        for method in ["GET", "POST"]:
            told = [ask(scene, viewer, method, path, BODIES.get(name)) for viewer in VIEWERS]
            if set(told) - {"405", "login"}:
                found.append([name, method, *told])
    assert found == sorted(line.split() for line in TABLE.strip().splitlines())


def test_at_a_desk_and_in_the_admin_nobody_works_without_a_second_factor(scene, settings):
    """Nor sees anything else; who may do no more than take part is let in as before."""
    settings.SECOND_FACTOR_REQUIRED = True
    without = {"mail", "second_factor", "stop_reminders"}
    found = set()
    for name in {"admin:index", *addresses()}:
        if (name.startswith(("admin:", *NOT_OURS)) and name != "admin:index") or name.partition(":")[2] in without:
            continue
        path = reverse(name, kwargs={} if name == "admin:index" else scene["kwargs"](name))
        for viewer in VIEWERS[1:]:
            client = Client()
            client.force_login(scene["users"][viewer])
            if client.get(path).headers.get("Location", "").startswith("/accounts/second-factor/?next="):
                found.add((name, viewer, client.post(path).status_code))
    assert {viewer for _name, viewer, _status in found} == {"elsewhere", "rapporteur", "organiser", "staff"}
    assert len(found) == 4 * len({name for name, _viewer, _status in found})
    assert {status for _name, _viewer, status in found} == {403}
    assert {name for name, _viewer, _status in found} >= {"admin:index", "outcomes:desk", "consultations:home"}


def test_the_admin_is_for_programme_staff_alone(scene):
    """Also its searches, those of its addresses that are about one row, and its acts."""
    paths = [reverse(f"admin:{name}") for name in ["index", "search", "autocomplete"]]
    for model, model_admin in admin.site._registry.items():
        row = model._default_manager.order_by("pk").values_list("pk", flat=True).first() or 1
        patterns = [pattern for pattern in model_admin.get_urls() if pattern.name]
        paths += [reverse(f"admin:{found.name}", args=[row] * found.pattern.regex.groups) for found in patterns]
    announce = reverse("admin:consultations_consultation_announce", args=[Consultation.objects.earliest("pk").pk])
    assert announce in paths
    for path in paths:
        for viewer in ["visitor", "organiser"]:
            for method in ["GET", "POST"]:
                assert ask(scene, viewer, method, path) in {"login", "403"}, (viewer, method, path)
    assert ask(scene, "staff", "GET", announce) == "in"
