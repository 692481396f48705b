"""What python-docx has no words for: fields, links, the table of contents, heads of tables."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from stakeholders.spreadsheets import NOT_IN_XML

DEEP, QUIET = RGBColor(0x10, 0x33, 0x3D), RGBColor(0x44, 0x50, 0x5A)
NUMBERED, STATEMENT, SOURCE, LABEL, CELL = "Numbered Paragraph", "Statement", "Source", "Label", "Table Text"
LINK = "Hyperlink"
OF_A_LINE, OF_A_HEAD = "B9C3C7", "E8EDEF"
"""The colours of lines in tables and behind their heads."""


def element(tag: str, **attributes: str) -> Any:
    """Make an element of WordprocessingML, its attributes in the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def add_paragraph(document: Any, style: str) -> Any:
    """Add an empty paragraph in a style, named by its id: looking it up by its name takes longer than all the rest."""
    made = document.add_paragraph()
    made._p.style = style
    return made


def ids_of_styles(document: Any) -> dict[str, str]:
    """The ids of all styles, by their names."""
    return {style.name: style.style_id for style in document.styles}


def add_run(paragraph: Any, text: str, **format: Any) -> Any:
    """Add a text to a paragraph, without characters that XML cannot hold."""
    run = paragraph.add_run(NOT_IN_XML.sub("", text))
    for name, value in format.items():
        setattr(run, name, value)
    return run


def add_link(paragraph: Any, text: str, *, address: str = "", anchor: str = "") -> None:
    """Add a link to an address, or to a bookmark of the document."""
    link = element("hyperlink", history="1")
    if address:
        link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    else:
        link.set(qn("w:anchor"), anchor)
    run = add_run(paragraph, text)
    if address:
        run._r.style = LINK
    link.append(run._r)
    paragraph._p.append(link)


def add_field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add a field that the program works out when it shows the page; `shown` stands there until then."""
    for part in ["begin", None, "separate", shown, "end"]:
        run = paragraph.add_run()
        if part is None:
            text = element("instrText")
            text.text = f" {instruction} "
            run._r.append(text)
        elif part is shown:
            run.text = shown
        else:
            run._r.append(element("fldChar", fldCharType=part))


def add_contents(document: Any, entries: list[tuple[str, str, str]]) -> None:
    """Add the table of contents: a field that the program fills in, with its entries written out until it does.

    Each entry is the id of its style, a title, and the name of the bookmark of its heading.
    """
    for place, (style, title, anchor) in enumerate(entries):
        paragraph = add_paragraph(document, style)
        if place == 0:
            for part in [
                element("fldChar", fldCharType="begin", dirty="true"),
                element("instrText"),
                element("fldChar", fldCharType="separate"),
            ]:
                if part.tag == qn("w:instrText"):
                    part.text = r' TOC \o "1-2" \h \z \u '
                paragraph.add_run()._r.append(part)
        add_link(paragraph, title, anchor=anchor)
    paragraph.add_run()._r.append(element("fldChar", fldCharType="end"))


def add_bookmark(paragraph: Any, name: str, number: int) -> None:
    """Put a bookmark around the text of a paragraph."""
    first = paragraph._p.find(qn("w:r"))
    first.addprevious(element("bookmarkStart", id=str(number), name=name))
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def finish_table(table: Any, *, caption: str, width: int, widest: int) -> None:
    """Mark the first row of a table as its head, repeated on every page, say what it is, and share out its width.

    The column `widest`, from 1, is twice as wide as the others. `width` is that of the text.
    """
    share = width // (len(table.columns) + 1)
    widths = [share * 2 if place == widest else share for place in range(1, len(table.columns) + 1)]
    for column, own in zip(table.columns, widths, strict=True):
        column.width = own
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        properties.remove(look)
    _draw_lines(properties)
    properties.append(
        element(
            "tblLook", val="00A0", firstRow="1", firstColumn="1", lastRow="0", lastColumn="0", noHBand="1", noVBand="1"
        )
    )
    properties.append(element("tblCaption", val=NOT_IN_XML.sub("", caption)))
    for place, row in enumerate(table.rows):
        for cell, own in zip(row.cells, widths, strict=True):
            cell.width = own
            if place == 0:
                cell._tc.get_or_add_tcPr().append(element("shd", val="clear", color="auto", fill=OF_A_HEAD))
        of_row = row._tr.get_or_add_trPr()
        of_row.append(element("cantSplit"))
        if place == 0:
            of_row.append(element("tblHeader"))


def _draw_lines(properties: Any) -> None:
    """Lines under the rows alone, and room round what is in the cells (ECMA-376-1, 17.4.38 and 17.4.42)."""
    borders, margins = element("tblBorders"), element("tblCellMar")
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"]:
        is_level = side in {"top", "bottom", "insideH"}
        drawn = {"val": "single", "sz": "4", "space": "0", "color": OF_A_LINE} if is_level else {"val": "nil"}
        borders.append(element(side, **drawn))
    for side, twentieths in [("top", 50), ("left", 80), ("bottom", 30), ("right", 80)]:
        margins.append(element(side, w=str(twentieths), type="dxa"))
    properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    properties.insert_element_before(margins, "w:tblLook")


def prepare_styles(document: Any) -> None:
    """Set how the styles look, and add those that Word's default lacks."""
    styles = document.styles
    styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(11)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for level, size, before in [(1, 22, 0), (2, 15, 16), (3, 12.5, 12)]:
        heading = styles[f"Heading {level}"]
        _let_own_font_stand(heading)
        heading.font.name, heading.font.size, heading.font.color.rgb = "Calibri", Pt(size), DEEP
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(5)
        heading.paragraph_format.page_break_before = level == 1
    for name in ["Title", "Subtitle"]:
        _let_own_font_stand(styles[name])
        styles[name].font.name, styles[name].font.color.rgb = "Calibri", DEEP
    styles["Quote"].font.color.rgb = RGBColor(0x1B, 0x27, 0x33)
    styles["Quote"].paragraph_format.left_indent, styles["Quote"].paragraph_format.keep_with_next = Cm(1), True
    styles["Caption"].font.size, styles["Caption"].font.color.rgb = Pt(10), QUIET
    styles["Caption"].paragraph_format.keep_with_next = True
    _add_styles(styles)


def _add_styles(styles: Any) -> None:
    def add(name: str, *, size: float = 11, indent: float = 0, after: float = 6, **format: Any) -> Any:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = styles["Normal"], Pt(size)
        style.paragraph_format.left_indent, style.paragraph_format.space_after = Cm(indent), Pt(after)
        for key, value in format.items():
            setattr(style.font, key, value)
        return style

    for name, size in [(NUMBERED, 11), (STATEMENT, 12.5)]:
        numbered = add(name, size=size, indent=1.1)
        numbered.paragraph_format.first_line_indent = Cm(-1.1)
        numbered.paragraph_format.tab_stops.add_tab_stop(Cm(1.1))
    add(SOURCE, size=9.5, indent=1).font.color.rgb = QUIET
    add(CELL, size=9.5, after=2)
    label = add(LABEL, size=10, after=2, bold=True)
    label.font.color.rgb, label.paragraph_format.keep_with_next = QUIET, True
    add("toc 1", after=3)
    add("toc 2", indent=0.8, after=1, size=10)
    link = styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor(0x0B, 0x4F, 0x63), True


def _let_own_font_stand(style: Any) -> None:
    """Take the fonts of the theme off a style, which would stand before its own."""
    fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    if fonts is not None:
        style.element.rPr.remove(fonts)
