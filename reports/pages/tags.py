"""The structure that tells screen readers what stands on a page: what WeasyPrint leaves out, and has too much of.

Plain pydyf objects; a document has some two hundred for each page, so that their number says how much memory and time
it takes to bind them.
"""

from typing import Any

INLINE = {"/Span", "/NonStruct"}
TEXTS = INLINE | {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TD", "/TH", "/LBody", "/Lbl", "/Caption"}
"""What may hold its texts itself (ISO 32000-1, 14.8.4)."""
PLAIN = {"Type", "S", "K", "Pg", "P"}
"""What every element says; one that says nothing else only groups what is in it."""


def tell_languages() -> None:
    """Have WeasyPrint say the language of every element that has one of its own; it says that of the whole alone."""
    import pydyf
    from weasyprint.pdf import tags

    build = tags._build_box_tree
    if build.__module__ == __name__:
        return

    def build_with_language(box: Any, *arguments: Any) -> Any:
        for element in build(box, *arguments):
            own = getattr(getattr(box, "_box", box), "element", None)
            # What comes from further inside has its own already.
            if own is not None and own.get("lang") and "Lang" not in element:
                element["Lang"] = pydyf.String(own.get("lang"))
            yield element

    tags._build_box_tree = build_with_language


def lighten(pdf: Any) -> None:
    """Have elements hold their texts and links themselves, and say nothing that goes without saying."""
    root = pdf.catalog.get("StructTreeRoot")
    if root is None:
        return
    objects: dict[bytes, Any] = {item.reference: item for item in pdf.objects if hasattr(item, "keys")}
    elements = {reference: item for reference, item in objects.items() if _is_element(item)}
    lifted = _lift_inline(elements) | _share_heads(elements, objects)
    _tell_where_texts_are(objects[objects[root]["ParentTree"]]["Nums"], lifted)
    for reference in elements.keys() - lifted.keys():
        _shorten(elements[reference], objects)
    _share_borders(pdf, [item for item in objects.values() if item.get("Subtype") == "/Link"])


def _is_element(item: Any) -> bool:
    return item.get("Type") == "/StructElem" and "Pg" in item


def _lift_inline(elements: dict[bytes, Any]) -> dict[bytes, bytes]:
    """Give what is in elements that only group it to those around them; say which became which."""
    lifted = {}
    # From the leaves upwards: those that were made last are inside of those that were made before them.
    for reference, element in reversed(elements.items()):
        parent = elements.get(element["P"])
        if parent is None or parent["S"] not in TEXTS or element["S"] not in INLINE or element.keys() != PLAIN:
            continue
        if parent["Pg"] != element["Pg"]:
            continue
        for kid in element["K"]:
            if kid in elements:
                elements[kid]["P"] = parent.reference
        place = parent["K"].index(reference)
        parent["K"][place : place + 1] = element["K"]
        lifted[reference] = parent.reference
        element.clear()
    return lifted


def _share_heads(elements: dict[bytes, Any], objects: dict[bytes, Any]) -> dict[bytes, bytes]:
    """Have one element for all running heads and feet, which stand outside of the structure, not one for each."""
    heads = [
        (reference, element)
        for reference, element in elements.items()
        if element and element["P"] not in elements and reference not in objects[element["P"]]["K"]
    ]
    shared = {}
    for reference, element in heads[1:]:
        shared[reference] = heads[0][0]
        element.clear()
    return shared


def _tell_where_texts_are(numbers: Any, lifted: dict[bytes, bytes]) -> None:
    """Put into the table from the texts of each page to elements those that hold them now."""
    for page in numbers:
        if not isinstance(page, list):
            continue
        for place, reference in enumerate(page):
            while reference in lifted:
                reference = lifted[reference]
            page[place] = reference


def _shorten(element: Any, objects: dict[bytes, Any]) -> None:
    """Put links where they are named, each of which is named once, and leave out what may be left out."""
    for place, kid in enumerate(element["K"]):
        link = objects.get(kid) if isinstance(kid, bytes) else None
        if link is not None and link.get("Type") == "/OBJR":
            element["K"][place] = type(link)(link)
            link.clear()
    if not any(isinstance(kid, int) for kid in element["K"]):
        # It says on which page its own texts are.
        del element["Pg"]
    if len(element["K"]) == 1:
        (element["K"],) = element["K"]
    del element["Type"]


def _share_borders(pdf: Any, links: list[Any]) -> None:
    """All links have the same border, which is none."""
    for place, link in enumerate(links):
        if place == 0:
            border = link["BS"]
            pdf.add_object(border)
        link["BS"] = border.reference
        del link["Type"]
        if "A" in link:
            del link["A"]["Type"]
