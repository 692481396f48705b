"""What the bundled faces print: each script extracts as it was written, and what none of them has is reported."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from jobs.running import JobFailed
from reports import editions
from reports.faces import FACES, Unprintable, require_printable, unprintable_in
from reports.models import Edition, EditionJob
from reports.rendering import render_pdf
from reports.snapshot import canonical, gather
from reports.tasks import make_edition
from tests.factories import make_person, take_part
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

STATIC = Path(settings.BASE_DIR, "static")
SCRIPTS = [
    ("tr", "Gülşen Işık Çağlar", "Şehirler için ortak eğitim", "Göçmenler işe başladıkları gün eğitim görmelidir."),
    ("el", "Ελένη Παπαδοπούλου", "Κοινό ταμείο", "Χρειαζόμαστε ένα ταμείο για την εκπαίδευση."),
    ("uk", "Олена Їжакевич", "Спільний фонд", "Нам потрібен єдиний фонд для навчання."),
    ("ar", "أحمد المحمودي", "مقترح مشترك", "نحتاج إلى صندوق واحد للتدريب الآن."),
    ("fa", "پروانه گلچین", "صندوق مشترک", "ما به یک صندوق آموزش نیاز داریم."),
    ("vi", "Nguyễn Văn Đức", "Một quỹ chung", "Chúng tôi cần một quỹ đào tạo."),
]
DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""The marks that pdftotext puts around what runs the other way."""


@pytest.mark.django_db
def test_every_script_extracts_as_it_was_written(scene, tmp_path):
    data = json.loads(canonical(gather(scene.hearing, number=1, at=timezone.now())))
    johannesburg = next(event for event in data["events"] if event["code"] == "JHB11")
    sample = data["inputs"][0]
    for place, (language, name, title, text) in enumerate(SCRIPTS, start=1):
        johannesburg["participants"].append({"name": name, "organisation": "", "type": "city", "role": "participant"})
        told = {"reference": f"JHB11-I-90{place}", "language": language, "title": title, "text": text}
        data["inputs"].append({**sample, **told, "source": name})
        quote = {"input": told["reference"], "title": title, "quote": text, "source": name, "through": ""}
        data["outcomes"][0]["evidence"].append({**data["outcomes"][0]["evidence"][0], **quote})
    path = tmp_path / "scripts.pdf"
    path.write_bytes(render_pdf(html_of(data)).content)
    told = " ".join(DIRECTION.sub("", text_of(path)).split())
    for _language, name, title, text in SCRIPTS:
        # In the list of participants, under the quotation, and under the input itself.
        assert told.count(name) == 3, name
        assert told.count(title) == 1, title
        # A stop has no direction of its own: on a page of mostly Latin text pdftotext puts it before the Arabic.
        assert told.count(text.rstrip(".")) == 2, text
    assert_keeps_both_standards(path)


@pytest.mark.django_db
def test_what_is_written_from_right_to_left_says_so(scene):
    data = json.loads(canonical(gather(scene.hearing, number=1, at=timezone.now())))
    data["inputs"][0].update(language="ar", title="صندوق", text="نحتاج إلى صندوق.")
    data["outcomes"][0]["evidence"][0].update(input=data["inputs"][0]["reference"], quote="صندوق واحد")
    html = html_of(data)
    assert '<strong lang="ar" dir="rtl">صندوق</strong>' in html
    assert '<blockquote lang="ar" dir="rtl"><p>نحتاج إلى صندوق.</p></blockquote>' in html
    assert '<blockquote id="p4.1-1" lang="ar" dir="rtl">“صندوق واحد”</blockquote>' in html


def test_each_face_is_used_by_the_documents_and_its_licence_lies_beside_it():
    for sheet in ["dossier.css", "door.css"]:
        used = set(re.findall(r"static:fonts/print/([\w.-]+)", (STATIC / "css" / sheet).read_text()))
        assert all((STATIC / "fonts/print" / name).is_file() for name in used)
        assert {"Amiri", "NotoEmoji", "SourceSans3"} <= {name.partition("-")[0] for name in used}
    assert set(FACES) <= set(re.findall(r"static:fonts/print/([\w.-]+)", (STATIC / "css/dossier.css").read_text()))
    for face in STATIC.glob("fonts/print/*.woff2"):
        licence = face.with_name(f"{face.name.partition('-')[0]}.LICENSE.txt")
        assert "SIL OPEN FONT LICENSE" in licence.read_text()


def test_every_stack_of_families_ends_in_those_that_have_every_script():
    for sheet in ["dossier.css", "door.css"]:
        rules = re.sub(r"@font-face \{[^}]*\}", "", (STATIC / "css" / sheet).read_text())
        stacks = re.findall(r"font(?:-family)?:([^;]*\"Source[^;]*);", rules)
        assert stacks
        for stack in stacks:
            assert '"Source Sans 3"' in stack and '"Amiri"' in stack, stack


def test_what_no_face_has_is_found_once_and_named_by_its_row():
    data = {
        "series": {"title": "Ενιαίο Сад ğ ş ı İ ơ « » → ≥ € 👍🏽 ❤️ é e\u0301"},
        "events": [
            {
                "code": "BKK",
                "title": "Bangkok",
                "participants": [{"name": "สม ชัย", "organisation": "City of ბათუმი"}, {"name": "Ada"}],
            }
        ],
        "inputs": [{"reference": "BKK-I-001", "title": "漢字", "text": "漢 a 漢\u200d\n"}, {"text": "کتاب"}],
    }
    assert unprintable_in(data) == [Unprintable("สม ชัย", "สมชัยბათუმი"), Unprintable("BKK-I-001", "漢字")]


def test_the_report_names_texts_scripts_and_characters():
    require_printable({"name": "Ada"})
    rows = [{"reference": f"JHB11-I-{place:03}", "text": "ก"} for place in range(1, 13)]
    with pytest.raises(JobFailed) as fault:
        require_printable({"inputs": rows})
    assert "JHB11-I-001: Thai (ก); JHB11-I-002: Thai (ก);" in str(fault.value)
    assert "JHB11-I-010: Thai (ก); 2 more texts." in str(fault.value)
    assert "JHB11-I-011" not in str(fault.value)


@pytest.mark.django_db
def test_a_name_that_cannot_be_printed_is_reported_before_an_edition_is_made(scene, clock):
    take_part(scene.johannesburg, make_person("ნინო ჯაფარიძე"), may_be_listed=True, attended=True)
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    job = EditionJob.objects.get()
    assert job.state == "failed"
    assert job.error.startswith(
        "None of the typefaces of the documents has these characters. ნინო ჯაფარიძე: Georgian (ნ ი ო"
    )
    assert not Edition.objects.exists()
    with pytest.raises(JobFailed, match="ნინო ჯაფარიძე: Georgian"):
        editions.render(scene.hearing, document="dossier", format="json", at=timezone.now())


@pytest.mark.django_db
def test_a_name_that_is_in_no_list_stops_nothing(scene, clock):
    take_part(scene.johannesburg, make_person("ნინო ჯაფარიძე"), may_be_listed=False, attended=True)
    editions.render(scene.hearing, document="dossier", format="json", at=timezone.now())
