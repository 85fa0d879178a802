"""What is understood of a question: its language, its terms as the index knows them, what must stand as it is."""

from pathlib import Path

import pytest

from rag.lexical.analysis import codes, terms
from rag.lexical.index import LexicalIndex
from rag.lexical.languages import language_of
from rag.lexical.question import one_apart
from rag.lexical.records import LexicalRecord
from rag.stores.base import Where

EVERYWHERE = Where(frozenset({"a"}))
PASSAGES = {
    "install": "Installing the server takes ten minutes. The installation asks for a password.",
    "error": "The message ERR-1042 means that the disk is full; restart with --force.",
    "release": "With release v2.3.1 os.read() no longer blocks. Version 2.4 is in preparation.",
    "report": "Acme grew by eight percent in FY2018, and its margin by two points.",
    "vacation": "Mitarbeiter in Elternzeit behalten ihre Ansprüche auf Urlaub, und die Wartezeiten zählen.",
    "muenchen": "Das Büro in München ist montags geschlossen, und nicht nur im Winter.",
    "quebec": "Le bureau de Québec est fermé le lundi, et les documents sont dans la salle.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex(Path(tmp_path_factory.mktemp("index")))
    index.upsert([LexicalRecord(key, text, "a", "") for key, text in PASSAGES.items()])
    return index


def best(index: LexicalIndex, question: str) -> str:
    hits = index.query(question, 10, EVERYWHERE)
    return hits[0].id if hits else ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset my password?", "en"),
        ("RS232 port", "en"),
        ("What does der Spiegel say?", "en"),
        ("Wie lange dauert die Elternzeit?", "de"),
        ("¿Cuándo nació el autor?", "es"),
        ("Qui a fondé la ville de Québec ?", "fr"),
        ("Care este capitala României?", "ro"),
        ("İstanbul'un nüfusu kaç?", "tr"),
        ("Thủ đô của Việt Nam là gì?", "vi"),
        ("Когда был основан город?", "ru"),
        ("Ποια είναι η πρωτεύουσα;", "el"),
        ("متى تأسست المدينة؟", "ar"),
        ("מתי נוסדה העיר?", "he"),
        ("भारत की राजधानी क्या है?", "hi"),
        ("เมืองหลวงของประเทศไทยคืออะไร", "th"),
        ("世界最高的山峰是什么？", "zh"),
        ("東京タワーの高さは？", "ja"),
        ("서울의 인구는 얼마입니까?", "ko"),
    ],
)
def test_the_language_is_told_by_script_and_small_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_words_of_any_script_stay_whole() -> None:
    assert terms("हिन्दी भाषा", "hi") == ["हिन्द", "भाष"]
    assert terms("kitapları", "tr") == terms("kitaplar", "tr")
    assert terms("المكتبات", "ar") == terms("مكتبات", "ar")


def test_scripts_without_spaces_are_cut_into_pairs_of_characters() -> None:
    assert terms("世界地图") == ["世界", "界地", "地图"]
    assert terms("GPT模型") == ["gpt", "模型"]
    assert "เมื" not in terms("เมือง")


def test_what_is_written_like_code_is_kept_whole() -> None:
    text = "ERR-1042 in v2.3.1: call os.read() with --force, see settings.py and file_name; C++ and .NET"
    wanted = ["err-1042", "v2.3.1", "os.read()", "--force", "settings.py", "file_name", "c++", ".net"]
    assert codes(text) == wanted
    assert codes("A well-known and/or either-way text, e.g. of 10:30 on 3.14 pages.") == []


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("What does ERR-1042 mean?", "error"),
        ("--force", "error"),
        ("changes to os.read()", "release"),
        ("What is new in 2.3.1?", "release"),
        ("growth in 2018", "report"),
        ("FY 2018", "report"),
        ("instalation of the servr", "install"),
        ("pasword", "install"),
        ("Elternzeit", "vacation"),
        ("Wartezeit", "vacation"),
        ("munchen", "muenchen"),
        ("MÜNCHEN", "muenchen"),
        ("quebec", "quebec"),
    ],
)
def test_a_passage_is_found_though_the_question_is_written_otherwise(
    index: LexicalIndex, question: str, passage: str
) -> None:
    assert best(index, question) == passage


def test_a_term_is_mended_only_where_the_index_does_not_know_it(index: LexicalIndex) -> None:
    assert best(index, "pasword") == "install"
    unmended = index.understand("pasword", mend=False)
    assert index.query(unmended, 10, EVERYWHERE) == []
    [known] = index.understand("password").terms
    assert known.forms == ("password",)


def test_a_question_knows_its_phrases_and_names(index: LexicalIndex) -> None:
    asked = index.understand('Did Acme write "Restart with  --force" about FY2018?')
    assert asked.phrases == ("restart with  --force", "--force")
    assert asked.names == {"acme", "restart", "fy", "2018"}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("instal", "install", True),
        ("recieve", "receive", True),
        ("colour", "coluor", True),
        ("house", "mouse", True),
        ("house", "house", False),
        ("house", "horses", False),
        ("abcd", "badc", False),
    ],
)
def test_one_slip_of_the_pen_is_forgiven(one: str, other: str, near: bool) -> None:
    assert one_apart(one, other) is near
