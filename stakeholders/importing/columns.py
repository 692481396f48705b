"""What the columns of a file are about: guessed by their headers, in the languages of the offices that send files."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from stakeholders.importing.cells import clean, fold
from stakeholders.importing.tables import Row

FIELDS = {
    "name": _("Name of the person"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail address"),
    "organisation": _("Organisation"),
    "stakeholder_type": _("Stakeholder type"),
    "city": _("City of the organisation"),
    "country": _("Country"),
    "key": _("Address book key"),
}

HEADERS = {
    "name": """
        name, full name, fullname, person, contact, contact name, contact person, participant, delegate, attendee,
        display name, naam, volledige naam, contactpersoon, deelnemer, ansprechpartner, vollständiger name, teilnehmer,
        nom complet, nom et prénom, nom prénom, prénom et nom, participant, personne de contact, nombre completo,
        nombre y apellidos, persona de contacto, participante, nome completo, nome e cognome, ad soyad, adı soyadı,
        isim, katılımcı, фио, имя и фамилия, الاسم, الاسم الكامل, 姓名
    """,
    "first_name": """
        first name, firstname, given name, given names, forename, voornaam, roepnaam, vorname, prénom, nombre, nombres,
        nome, primeiro nome, nome proprio, ad, adı, имя, الاسم الأول, 名
    """,
    "last_name": """
        last name, lastname, surname, family name, achternaam, familienaam, nachname, familienname, zuname, nom,
        nom de famille, apellido, apellidos, sobrenome, apelido, cognome, soyad, soyadı, soyisim, фамилия,
        اسم العائلة, 姓
    """,
    "email": """
        e-mail, email, mail, e-mail address, email address, e mail, emailadres, e-mailadres, mailadres,
        e-mail-adresse, email-adresse, mailadresse, courriel, adresse e-mail, adresse électronique, adresse courriel,
        correo, correo electrónico, correo-e, endereço de e-mail, e-posta, eposta, e-posta adresi, indirizzo e-mail,
        posta elettronica, электронная почта, эл. почта, البريد الإلكتروني, 电子邮件, 邮箱
    """,
    "organisation": """
        organisation, organization, organisation name, organization name, company, company name, institution,
        institute, employer, affiliation, organisatie, bedrijf, instelling, werkgever, unternehmen, firma,
        einrichtung, institution, arbeitgeber, verband, entreprise, société, employeur, organización, empresa,
        institución, entidad, organização, instituição, organizzazione, azienda, ente, kurum, kuruluş, şirket,
        organizasyon, организация, компания, المنظمة, المؤسسة, 单位, 机构
    """,
    "stakeholder_type": """
        stakeholder type, stakeholder, stakeholder group, type, type of organisation, type of organization,
        organisation type, organization type, category, sector, group, soort, type organisatie, categorie, sector,
        art, kategorie, gruppe, typ, catégorie, type d'organisation, secteur, tipo, tipo de organización, categoría,
        categoria, tipo de organização, setor, tip, tür, kategori, sektör, тип, категория, الفئة, النوع, 类型
    """,
    "city": """
        city, town, place, municipality, location, stad, plaats, woonplaats, gemeente, stadt, ort, ville, commune,
        ciudad, municipio, cidade, município, città, şehir, il, город, المدينة, 城市
    """,
    "country": """
        country, nation, country of residence, land, staat, pays, país, país de residencia, paese, ülke, страна,
        الدولة, البلد, 国家
    """,
    "key": "address book key",
}


def _key(header: str) -> str:
    """Give a header for comparing: “E-mail adres” and “Emailadres” are one."""
    return fold(header).replace(" ", "")


KNOWN = {_key(header): field for field in reversed(FIELDS) for header in HEADERS[field].replace("\n", " ").split(",")}
"""Each header, by its key, and what it is about; where two fields claim one, the earlier of FIELDS has it."""


def find_header_row(rows: Sequence[Row]) -> int:
    """Give the number of the first row that has two headers that are known, else of the first row at all."""
    for number, cells in rows:
        if len({field for cell in cells if (field := field_of(cell))}) >= 2:
            return number
    return rows[0][0]


def match(headers: Sequence[str], rows: Sequence[Row]) -> dict[str, int]:
    """Guess the columns, by name: {"email": 2}. A column without a known header that is full of `@` is the e-mail."""
    columns: dict[str, int] = {}
    for place, header in enumerate(headers):
        if field := field_of(header):
            columns.setdefault(field, place)
    if "email" not in columns:
        for place in range(max((len(cells) for _number, cells in rows), default=0)):
            filled = [cells[place] for _number, cells in rows if place < len(cells) and cells[place].strip()]
            if filled and sum("@" in cell for cell in filled) * 2 > len(filled) and place not in columns.values():
                columns["email"] = place
                break
    # “Nom” is the last name beside “Prénom”, and the whole name alone; so with “Nombre” and “Ad”.
    halves = columns.keys() & {"first_name", "last_name"}
    if "name" not in columns and len(halves) == 1:
        columns["name"] = columns.pop(halves.pop())
    return columns


def field_of(header: str) -> str | None:
    """Say what a header announces; what stands in brackets, a number behind it and a star do not count."""
    plain = re.sub(r"\(.*?\)|\[.*?\]|[\d*:]+\s*$", "", clean(header))
    return KNOWN.get(_key(plain))
