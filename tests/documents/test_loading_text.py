"""Plain text in whatever encoding becomes paragraphs."""

import codecs

import pytest

from documents.blocks import Block
from documents.loading import load

pytestmark = pytest.mark.once

SAMPLES = [
    ("cp1252", "Die Größe der Tür überrascht den Käufer – sagt er."),
    ("cp1252", "L'été dernier, les “élèves” ont été reçus à l'école."),
    ("latin-1", "Perché è così difficile? La città più bella è già là."),
    ("latin-1", "¿Cuántos años tiene el niño? ¡Mañana!"),
    ("mac-roman", "Die Größe der Tür überrascht den Käufer."),
    ("cp1250", "Wszystkie szczęśliwe rodziny są do siebie podobne, każda żółć."),
    ("cp1250", "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv."),
    ("iso8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
    ("cp1254", "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar."),
    ("cp1251", "Все счастливые семьи похожи друг на друга."),
    ("koi8-r", "Все счастливые семьи похожи друг на друга."),
    ("cp1253", "Όλες οι ευτυχισμένες οικογένειες μοιάζουν μεταξύ τους."),
    ("shift-jis", "幸せな家族はどれもみな同じようにみえるが、不幸な家族にはそれぞれの不幸の形がある。"),
    ("gbk", "幸福的家庭都是相似的，不幸的家庭各有各的不幸。"),
    ("euc-kr", "행복한 가정은 모두 비슷하고 불행한 가정은 저마다 다르다."),
    ("utf-8", "Žluťoučký kůň, 幸福, семьи, 😀."),
    ("utf-8-sig", "Žluťoučký kůň, 幸福, семьи, 😀."),
    ("utf-16", "Žluťoučký kůň, 幸福, семьи, 😀."),
    ("utf-32", "Žluťoučký kůň, 幸福, семьи, 😀."),
]


@pytest.mark.parametrize(("encoding", "text"), SAMPLES)
def test_the_encoding_is_found(encoding: str, text: str) -> None:
    assert load(text.encode(encoding), "a.txt").blocks == (Block("paragraph", text),)


def test_a_few_german_letters_are_enough() -> None:
    assert [block.text for block in load("## können\n\näöüß\n".encode("latin-1"), "a.md").blocks] == ["können", "äöüß"]


def test_big_endian_text_is_read() -> None:
    assert load(codecs.BOM_UTF16_BE + "Grüße.".encode("utf-16-be"), "a.txt").blocks[0].text == "Grüße."


def test_a_damaged_byte_does_not_spoil_a_text() -> None:
    text = load("Žluťoučký kůň úpěl ďábelské ódy.".encode() + b"\xff Konec.", "a.txt").blocks[0].text
    assert text == "Žluťoučký kůň úpěl ďábelské ódy.\ufffd Konec."


def test_blank_lines_end_paragraphs() -> None:
    document = load(b"One line.\nIts next.\r\n\r\n \nTwo.\x0cNew page.", "a.txt")
    assert [block.text for block in document.blocks] == ["One line.\nIts next.", "Two.\nNew page."]


def test_a_first_line_on_its_own_is_the_title() -> None:
    document = load(b"Travel policy\n\nTrains are preferred.", "policy.txt")
    assert document.title == "Travel policy"
    assert document.blocks[0] == Block("heading", "Travel policy", level=1)


@pytest.mark.parametrize("text", [b"A sentence.\n\nMore.", b"One line\nanother\n\nMore.", b"12345\n\nMore.", b"Alone"])
def test_other_first_lines_are_not(text: bytes) -> None:
    document = load(text, "policy.txt")
    assert document.title == "policy"
    assert document.blocks[0].kind == "paragraph"


def test_underlined_lines_are_headings() -> None:
    document = load(b"Guide\n=====\n\nFirst\n-----\n\nText.\n\nSecond\n------", "guide.txt")
    headings = [(block.text, block.level) for block in document.blocks if block.kind == "heading"]
    assert headings == [("Guide", 1), ("First", 2), ("Second", 2)]


def test_lists_are_known() -> None:
    document = load(b"You need:\n\n- a key\n  of steel\n- a lamp\n\n1. Go.\n2. See.", "a.txt")
    assert [block.kind for block in document.blocks] == ["paragraph", "list", "list"]
