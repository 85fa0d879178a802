"""PowerPoint presentations (.pptx): each slide is a page under its title."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from documents.blocks import Block, LoadedDocument
from documents.loaders.base import Loader, bounded
from documents.loaders.package import Element, Package, Relation, local_name
from documents.loaders.rendering import table_blocks
from documents.loaders.slides import first_title, slide_blocks

_ON_EVERY_SLIDE = ("dt", "ftr", "hdr", "sldNum", "sldImg")
_TITLES = ("title", "ctrTitle")


class PptxLoader(Loader):
    """Slides hidden in the show are read: whoever opens the file sees them."""

    def load(self, data: bytes, name: str) -> LoadedDocument:
        package = Package(data)
        main = package.related("", "officeDocument") or "ppt/presentation.xml"
        slides = list(_slides(package, main))
        blocks = bounded(block for number, part in enumerate(slides, 1) for block in _slide(package, part, number))
        return LoadedDocument(package.office_title() or first_title(blocks), blocks)


def _slides(package: Package, main: str) -> Iterable[str]:
    """The slides' parts in their order; one that is missing still counts as a page."""
    relations = package.relations(main)
    listed = [relations.get(_reference(slide, "id")) for slide in package.xml(main).iterfind("{*}sldIdLst/{*}sldId")]
    return dict.fromkeys(relation.target if relation else f"missing {place}" for place, relation in enumerate(listed))


def _slide(package: Package, part: str, number: int) -> Iterator[Block]:
    if part not in package:
        return
    shapes = list(_shapes(package.xml(part).find("{*}cSld/{*}spTree")))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    title = " ".join(" ".join(_text(shape) for shape in titles).split())
    relations = package.relations(part)
    body = [block for shape in shapes if shape not in titles for block in _shape(package, shape, relations, number)]
    notes = next((relation.target for relation in relations.values() if relation.kind == "notesSlide"), "")
    noted = "\n".join(_notes(package.xml(notes))) if notes in package else ""
    yield from slide_blocks(number, title, body, noted)


def _notes(notes: Element) -> Iterator[str]:
    for shape in _shapes(notes.find("{*}cSld/{*}spTree")):
        if _placeholder(shape) == "body" and (text := _text(shape)):
            yield text


def _shapes(parent: Element | None) -> Iterator[Element]:
    """In the order in which PowerPoint reads them to somebody, those within groups too."""
    for shape in () if parent is None else parent.iterchildren("*"):
        match local_name(shape):
            case "grpSp" | "Choice":
                yield from _shapes(shape)
            case "AlternateContent":
                choice = shape.find("{*}Choice")
                yield from _shapes(shape.find("{*}Fallback") if choice is None else choice)
            case "sp" | "graphicFrame":
                yield shape


def _shape(package: Package, shape: Element, relations: dict[str, Relation], number: int) -> Iterator[Block]:
    if _placeholder(shape) in _ON_EVERY_SLIDE:
        return
    if local_name(shape) == "sp":
        yield from _paragraphs(shape, number)
        return
    for table in shape.iterfind("{*}graphic/{*}graphicData/{*}tbl"):
        yield from table_blocks(_rows(table), number)
    for graphic in shape.iterfind("{*}graphic/{*}graphicData/*"):
        reference = {"chart": "id", "relIds": "dm"}.get(local_name(graphic), "")
        relation = relations.get(_reference(graphic, reference))
        if relation is None or relation.target not in package:
            continue
        root = package.xml(relation.target)
        yield from _chart(root, number) if reference == "id" else _diagram(root, number)


def _paragraphs(shape: Element, number: int) -> Iterator[Block]:
    body = shape.find("{*}txBody")
    paragraphs = [] if body is None else [p for p in body.iterchildren("{*}p") if _text(p)]
    bulleted = _placeholder(shape) in ("", "body", "obj") and len(paragraphs) > 1
    for is_list, run in groupby(paragraphs, lambda p: _is_item(p, bulleted)):
        lines = [_item(p) if is_list else _text(p) for p in run]
        yield Block("list" if is_list else "paragraph", "\n".join(lines), page=number)


def _is_item(paragraph: Element, bulleted: bool) -> bool:
    properties = paragraph.find("{*}pPr")
    marks = {local_name(mark) for mark in properties.iterchildren("*")} if properties is not None else set()
    return bool(marks & {"buChar", "buAutoNum", "buBlip"}) or (bulleted and "buNone" not in marks)


def _item(paragraph: Element) -> str:
    properties = paragraph.find("{*}pPr")
    depth = properties.get("lvl", "0") if properties is not None else "0"
    return "  " * min(int(depth), 8) + "- " + " ".join(_text(paragraph).split())


def _rows(table: Element) -> list[list[str]]:
    """A cell that spans rows is repeated in each; one that spans columns is followed by empty ones."""
    rows: list[list[str]] = []
    for row in table.iterchildren("{*}tr"):
        cells = []
        for column, cell in enumerate(row.iterchildren("{*}tc")):
            above = rows[-1][column] if rows and column < len(rows[-1]) else ""
            cells.append(above if cell.get("vMerge") in ("1", "true") else _text(cell))
        rows.append(cells)
    return rows


def _chart(root: Element, number: int) -> Iterator[Block]:
    title = root.find("{*}chart/{*}title")
    if title is not None and (text := _text(title)):
        yield Block("paragraph", f"Chart: {text}", page=number)
    series = list(root.iter("{*}ser"))
    points = [{**_points(one, "cat"), **_points(one, "xVal")} for one in series]
    categories = {index: label for labels in points for index, label in labels.items()}
    values = [{**_points(one, "val"), **_points(one, "yVal")} for one in series]
    indices = sorted({*categories, *(index for column in values for index in column)})
    names = [next((v.text or "" for v in one.iterfind("{*}tx//{*}v")), "") for one in series]
    rows = [[categories.get(i, ""), *(column.get(i, "") for column in values)] for i in indices]
    if rows:
        yield from table_blocks([["Category", *names], *rows], number)


def _points(series: Element, axis: str) -> dict[int, str]:
    return {
        int(point.get("idx", "0")): _shown(point.findtext("{*}v") or "")
        for point in series.iterfind(f"{{*}}{axis}//{{*}}pt")
    }


def _shown(value: str) -> str:
    """A number without the noise that its binary form adds."""
    try:
        return f"{float(value):.15g}"
    except ValueError:
        return value


def _diagram(root: Element, number: int) -> Iterator[Block]:
    texts = [_text(point.find("{*}t")) for point in root.iterfind("{*}ptLst/{*}pt") if point.find("{*}t") is not None]
    lines = [f"- {' '.join(text.split())}" for text in texts if text]
    if lines:
        yield Block("list", "\n".join(lines), page=number)


def _text(parent: Element) -> str:
    """Its paragraphs, a line each."""
    if local_name(parent) != "p":
        return "\n".join(filter(None, map(_text, parent.iter("{*}p"))))
    return "".join(_strings(parent)).strip()


def _strings(parent: Element) -> Iterator[str]:
    for child in parent.iterchildren("*"):
        match local_name(child):
            case "t":
                yield child.text or ""
            case "br":
                yield "\n"
            case "Fallback" | "pPr" | "rPr" | "endParaRPr":
                pass
            case _:
                yield from _strings(child)


def _placeholder(shape: Element) -> str | None:
    """None for a shape that is not laid out by the master; empty for one of the usual kind."""
    found = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return None if found is None else found.get("type", "")


def _reference(element: Element, name: str) -> str:
    """The id of a relation; it has a namespace, which tells it from other attributes of that name."""
    return next((str(value) for key, value in element.items() if key.endswith(f"}}{name}")), "")
