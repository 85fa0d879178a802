"""Lines on pages back to paragraphs and headings."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from documents.blocks import Block
from documents.sentences import ITEM

_EDGE_LINES = 3
_HEADING_LENGTH = 200
_DOUBLE_SPACED = 2.0
# How the library gives a hyphen at a line's end, and within a line a character that it does not know.
_UNKNOWN = "\x02\ufffe"
_CUT_WORD = re.compile(rf"\w[-\xad{_UNKNOWN}]\Z")
_ITEM = re.compile(ITEM)
_ENDED = re.compile(r"[.!?:;。！？：；][\"'”’)\]»」』]*\Z")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_FIRST_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"\w+\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """Lengths are in points; the origin of a page is at its lower left."""

    text: str
    page: int
    size: float
    left: float
    right: float
    base: float
    """Height of its first character; a line that a hyphen continues may hold two."""
    last_base: float

    @property
    def ended(self) -> bool:
        return bool(_ENDED.search(self.text[-10:]))

    @property
    def cut(self) -> bool:
        """It ends within a word."""
        return bool(_CUT_WORD.search(self.text[-2:]))


def without_running_heads(lines: Sequence[Line]) -> list[Line]:
    """Lines at the edges of most pages go: those that hold the page number all, of the others the first stays."""
    pages = [list(page) for _, page in groupby(lines, key=lambda line: line.page)]
    seen: defaultdict[str, list[Line]] = defaultdict(list)
    for page in pages:
        for line in _edges(page):
            seen[re.sub(r"\d+", "0", line.text)].append(line)
    dropped: set[int] = set()
    for found in seen.values():
        # Left and right pages often have heads of their own.
        if len(found) >= max(3, 0.4 * len(pages)):
            equal = len({line.text for line in found}) == 1
            if equal or _have_page_number(found):
                dropped.update(id(line) for line in found[equal:])
    return [line for line in lines if id(line) not in dropped]


def _have_page_number(lines: Sequence[Line]) -> bool:
    """Whether a number in them counts with the pages. Others, of an invoice or a sum, are not to be lost."""
    offsets = [{int(number) - line.page for number in _NUMBER.findall(line.text)} for line in lines]
    return bool(set.intersection(*offsets))


def _edges(page: Sequence[Line]) -> list[Line]:
    bases = sorted({round(line.base) for line in page})
    edge = {*bases[:_EDGE_LINES], *bases[-_EDGE_LINES:]}
    return [line for line in page if round(line.base) in edge]


def paragraphs(lines: Sequence[Line]) -> Iterator[Block]:
    """Blocks in reading order. What is set larger than most of the text is a heading; the largest is of level 1."""
    lines = list(_whole_lines(lines))
    known = _words(lines)
    groups = [group for page in groupby(lines, key=lambda line: line.page) for group in _groups(list(page[1]))]
    levels = _heading_levels(groups, _body_size(lines))
    open_block, last = None, None
    for group in groups:
        if group[0].size in levels and _may_be_heading(group):
            text = " ".join(_join(group, known).split())
            blocks = [Block("heading", text, levels[group[0].size], group[0].page)]
        else:
            blocks = [_block(part, known) for part in _parts(group)]
            if open_block and last and _goes_on(open_block, last, group[0]):
                text = "".join(_joined(open_block.text, blocks[0].text, known))
                blocks[0] = replace(open_block, text=text)
                open_block = None
        if open_block:
            yield open_block
        yield from blocks[:-1]
        open_block, last = blocks[-1], group[-1]
    if open_block:
        yield open_block


def _whole_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Puts raised and lowered pieces (note numbers) back into their lines."""
    before: Line | None = None
    for line in lines:
        if before is None:
            before = line
            continue
        gap, size = line.left - before.right, max(before.size, line.size)
        same_height = before.page == line.page and abs(before.last_base - line.base) < 0.6 * size
        if same_height and -0.5 * size < gap < 3 * size:
            main = max(before, line, key=lambda piece: len(piece.text))
            text = before.text.rstrip(_UNKNOWN) + (" " if gap > 0.2 * size else "") + line.text
            before = replace(main, text=text, left=before.left, right=line.right, base=before.base)
        else:
            yield before
            before = line
    if before:
        yield before


def _body_size(lines: Iterable[Line]) -> float:
    characters: Counter[float] = Counter()
    for line in lines:
        characters[line.size] += len(line.text)
    return characters.most_common(1)[0][0] if characters else 0


def _groups(page: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that follow each other in one size, one column and at the page's usual distance."""
    steps = sorted(
        (above.last_base - below.base) / below.size
        for above, below in pairwise(page)
        if above.size == below.size > 0 and above.last_base > below.base
    )
    usual = min(steps[len(steps) // 4], _DOUBLE_SPACED) if steps else 1.2
    group: list[Line] = []
    for line in page:
        if group and not _is_next(group[-1], line, 1.3 * usual):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_next(above: Line, below: Line, most: float) -> bool:
    size = max(above.size, below.size)
    return (
        abs(above.size - below.size) <= 0.1 * size
        and 0 < above.last_base - below.base <= most * size
        and below.left < above.right
        and above.left < below.right
    )


def _heading_levels(groups: Iterable[Sequence[Line]], body: float) -> dict[float, int]:
    """The level of each size that headings are set in. Where much of the text is larger than the rest, in none."""
    length = 0
    lengths: Counter[float] = Counter()
    for group in groups:
        characters = sum(len(line.text) for line in group)
        length += characters
        if group[0].size >= 1.15 * body and _may_be_heading(group):
            lengths[group[0].size] += characters
    if sum(lengths.values()) > length / 4:
        return {}
    return {size: min(level, 6) for level, size in enumerate(sorted(lengths, reverse=True), start=1)}


def _may_be_heading(group: Sequence[Line]) -> bool:
    text = " ".join(line.text for line in group)
    letters = sum(map(str.isalpha, text))
    return 2 < len(text) <= _HEADING_LENGTH and text[-1] not in ".,;" and letters >= len(text) / 2


def _parts(group: Sequence[Line]) -> Iterator[list[Line]]:
    """Paragraphs that no larger distance separates: the last line of one is short or the first of the next indented."""
    right = max(line.right for line in group)
    part = [group[0]]
    for above, below in pairwise(group):
        indented = below.left > above.left + 0.9 * below.size
        if above.ended and not _ITEM.match(below.text) and (indented or not _wraps(above, below, right)):
            yield part
            part = []
        part.append(below)
    yield part


def _wraps(above: Line, below: Line, right: float) -> bool:
    """Whether the line above is full: the first word of the one below did not fit any more."""
    word = len(below.text.split(maxsplit=1)[0]) + 1
    width = (below.right - below.left) * min(1, word / len(below.text))
    return above.right + width > right - 0.3 * above.size


def _block(part: Sequence[Line], known: set[str]) -> Block:
    text = _join(part, known)
    is_list = all(map(_ITEM.match, text.split("\n")))
    return Block("list" if is_list else "paragraph", text, page=part[0].page)


def _join(part: Sequence[Line], known: set[str]) -> str:
    """A line break that the writer meant stays, one that the width of the page made goes."""
    right = max(line.right for line in part)
    prose = len(part) < 3 or any(_continues(above, below) for above, below in pairwise(part))
    pieces = [part[0].text]
    for above, below in pairwise(part):
        if above.cut or (prose and _wraps(above, below, right) and not _ITEM.match(below.text)):
            pieces[-1:] = _joined(pieces[-1], below.text, known)
        else:
            pieces.append("\n" + below.text)
    return "".join(pieces)


def _continues(above: Line, below: Line) -> bool:
    """Whether the line below begins within a sentence. Rows of a table, lines of an address hardly ever do."""
    first = below.text[0]
    return above.cut or (first.isalpha() and not first.isupper())


def _joined(text: str, following: str, known: set[str]) -> tuple[str, str]:
    """Both with what belongs between them; the hyphen of a word that was cut goes."""
    if _CUT_WORD.search(text[-2:]):
        before, after = _LAST_WORD.search(text[-60:-1]), _FIRST_WORD.match(following)
        whole = following[:1].islower() and not (
            before and after and _has_hyphen(before[0].lower(), after[0].lower(), known)
        )
        return text[:-1], following if whole else "-" + following
    if _CJK.match(text[-1:]) and _CJK.match(following):
        return text, following
    return text, " " + following


def _has_hyphen(before: str, after: str, known: set[str]) -> bool:
    """Whether a word is written with a hyphen, going by the rest of the document."""
    if before + after in known:
        return False
    return f"{before}-{after}" in known or (before in known and after in known)


def _words(lines: Iterable[Line]) -> set[str]:
    """The document's words, without those that are cut at a line's end."""
    words: set[str] = set()
    cut = False
    for line in lines:
        text = line.text.lower()
        if cut:
            text = text.partition(" ")[2]
        cut = line.cut
        if cut:
            text = text.rpartition(" ")[0]
        words.update(re.findall(r"\w+(?:-\w+)*", text))
    return words


def _goes_on(block: Block, last: Line, line: Line) -> bool:
    """Whether a paragraph continues at the top of the next column or page."""
    elsewhere = last.page != line.page or line.base > last.base
    return (
        elsewhere
        and block.kind != "heading"
        and abs(last.size - line.size) < 1
        and not last.ended
        and line.text[0].islower()
    )
