"""Languages in Word documents: which one a text is in, and the direction in which it is written.

For texts that are written from right to left Word looks at attributes of their own: `bidi` of paragraphs and sections,
`rtl` of runs, and a second size, weight and face for such letters (ECMA-376-1, 17.3.1.6, 17.3.2.30).
"""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn

from reports.chapters.blocks import direction_of
from reports.formats.wordparts import element

RIGHT_TO_LEFT_FACE = "Arial"
"""It has Arabic letters, and every office program has it or one that stands for it."""
AFTER_BIDI = [
    "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc",
    "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr",
    "pPrChange",
]  # fmt: skip
AFTER_RTL = ["cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath"]
AFTER_LANG = ["eastAsianLayout", "specVanish", "oMath"]
"""What the schema wants to stand after a property."""


def is_mirrored(language: str) -> bool:
    return direction_of(language) == "rtl"


def say_language(document: Any, *, language: str) -> None:
    """Say in which language the document is; one that is read from right to left is laid out so."""
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    defaults.set(qn("w:bidi" if is_mirrored(language) else "w:val"), language)
    if not is_mirrored(language):
        return
    for style in document.styles:
        if style.type in {WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER}:
            _repeat_for_right_to_left(style.element)
    normal = document.styles["Normal"].element
    _put(normal.get_or_add_pPr(), element("bidi"), before=AFTER_BIDI)
    _put(normal.get_or_add_rPr(), element("rtl"), before=AFTER_RTL)
    for section in document.sections:
        _put(section._sectPr, element("bidi"), before=["rtlGutter", "docGrid", "printerSettings", "sectPrChange"])


def say_language_of(paragraph: Any, *, language: str, document: str, turns: bool) -> None:
    """Say in which language the text of a paragraph is, where this is another than the document's.

    One that `turns` also stands on the side where its language begins to read.
    """
    if not language or language == document:
        return
    mirrored = is_mirrored(language)
    if turns and mirrored != is_mirrored(document):
        _put(paragraph._p.get_or_add_pPr(), element("bidi", val=str(int(mirrored))), before=AFTER_BIDI)
    for run in paragraph._p.iter(qn("w:r")):
        properties = run.get_or_add_rPr()
        if mirrored != is_mirrored(document):
            _put(properties, element("rtl", val=str(int(mirrored))), before=AFTER_RTL)
        _put(properties, element("lang", **{"bidi" if mirrored else "val": language}), before=AFTER_LANG)


def mirror_table(table: Any) -> None:
    """Have the first column of a table stand on the right."""
    following = [
        "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc", "tblCellSpacing", "tblInd", "tblBorders", "shd",
        "tblLayout", "tblCellMar", "tblLook", "tblCaption", "tblDescription",
    ]  # fmt: skip
    _put(table._tbl.tblPr, element("bidiVisual"), before=following)


def _repeat_for_right_to_left(style: Any) -> None:
    """Give letters that are written from right to left the size, weight and slant of the others, and a face."""
    properties = style.find(qn("w:rPr"))
    if properties is None:
        return
    for name in ["b", "i", "sz"]:
        own, twin = properties.find(qn(f"w:{name}")), f"{name}Cs"
        if own is not None:
            for old in properties.findall(qn(f"w:{twin}")):
                properties.remove(old)
            made = element(twin)
            for key, value in own.attrib.items():
                made.set(key, value)
            own.addnext(made)
    fonts = properties.find(qn("w:rFonts"))
    if fonts is not None:
        fonts.attrib.pop(qn("w:cstheme"), None)
        fonts.set(qn("w:cs"), RIGHT_TO_LEFT_FACE)


def _put(parent: Any, child: Any, *, before: list[str]) -> None:
    """Put a property among its siblings, where the schema wants it, in place of the one that is there."""
    for old in parent.findall(child.tag):
        parent.remove(old)
    parent.insert_element_before(child, *(f"w:{name}" for name in before))
