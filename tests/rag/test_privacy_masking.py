"""Values become placeholders within one request, and come back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generators.base import Delta, Finish, Passage, Prompt, Turn
from rag.generators.chain import GeneratorChain
from rag.privacy.findings import EVERY
from rag.privacy.masking import Mask, Restorer, texts_mask
from rag.privacy.prompts import prompt_mask
from tests.rag.test_generator_chain import Scripted
from utils.waiting import stepped

QUESTION = "Is ada@example.org the address, or +49 30 901820?"


def masked(*texts: str) -> Mask:
    mask = Mask(texts)
    for text in texts:
        mask.note(text, EVERY)
    return mask


def test_the_same_value_has_the_same_placeholder_however_it_is_spelled() -> None:
    texts = ("Write to Ada@example.org or call +49 30 901820.", "ada@example.org, Tel. +49-30-901820, bob@example.org")
    mask = masked(*texts)
    assert mask.hide(texts[0]) == "Write to <EMAIL_1> or call <PHONE_1>."
    assert mask.hide(texts[1]) == "<EMAIL_1>, Tel. <PHONE_1>, <EMAIL_2>"


def test_texts_may_be_masked_together() -> None:
    assert texts_mask(["Is it ada@example.org?", "It is Ada@example.org."]) == ["Is it <EMAIL_1>?", "It is <EMAIL_1>."]


def test_a_value_is_hidden_wherever_it_stands() -> None:
    mask = masked("My PIN is 4821.")
    assert mask.hide("Is 4821 safe? Not 48210.") == "Is <PASSWORD_1> safe? Not 48210."


def test_what_is_hidden_comes_back() -> None:
    mask = masked(QUESTION)
    assert "ada" not in mask.hide(QUESTION)
    assert mask.restore(mask.hide(QUESTION)) == QUESTION


def test_a_placeholder_that_was_not_given_is_left_as_it_is() -> None:
    mask = masked(QUESTION)
    assert mask.restore("Ask <EMAIL_2>, <CARD_1> or <EMAIL_1>.") == "Ask <EMAIL_2>, <CARD_1> or ada@example.org."


def test_what_looks_like_a_placeholder_in_a_text_is_nobodys() -> None:
    mask = masked("Set <EMAIL_1> in the template.", "Write to ada@example.org.")
    assert mask.hide("Write to ada@example.org.") == "Write to <EMAIL_2>."
    assert mask.restore("Set <EMAIL_1>, then <EMAIL_2>.") == "Set <EMAIL_1>, then ada@example.org."


@pytest.mark.parametrize("written", ["<EMAIL_1>", r"<EMAIL\_1>", r"\<EMAIL_1\>", "‹EMAIL_1›"])
def test_a_model_may_escape_a_placeholder(written: str) -> None:
    assert masked(QUESTION).restore(f"Use {written}.") == "Use ada@example.org."


@given(
    st.lists(st.sampled_from(["<EMAIL_1>", r"\<PHONE\_1\>", "‹EMAIL_1›", "<EMAIL_9>", "<", "\\", "a < b ", "\n"])),
    st.data(),
)
def test_however_the_answer_is_cut_it_is_restored_as_a_whole(parts: list[str], data: st.DataObject) -> None:
    text, restorer = "".join(parts), Restorer(masked(QUESTION))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    told = [restorer.feed(piece) for piece in pieces]
    assert "".join(told) + restorer.close() == masked(QUESTION).restore(text)


PROMPT = Prompt(
    "What about ada@example.org?",
    [
        Passage(
            1, "Staff", "Desk", "Ada: ada@example.org, bob@example.org, IBAN DE89 3704 0044 0532 0130 00", 1.0, "off"
        ),
        Passage(2, "Staff bob@example.org", "Desk", "carl@example.org", 1.0, "all"),
        Passage(3, "Bank", "", "dora@example.org, IBAN GB29 NWBK 6016 1331 9268 19", 1.0, "secrets"),
    ],
    [Turn("user", "I am eve@example.org"), Turn("assistant", "Hello eve@example.org")],
)


def test_each_text_of_a_prompt_goes_by_its_own_policy() -> None:
    prompt, mask = prompt_mask(PROMPT)
    assert prompt.placeholders
    assert [turn.content for turn in prompt.history] == ["I am <EMAIL_2>", "Hello <EMAIL_2>"]
    assert prompt.question == "What about <EMAIL_1>?"
    # A value that is masked anywhere is masked everywhere.
    assert prompt.passages[0].text == "Ada: <EMAIL_1>, <EMAIL_3>, IBAN DE89 3704 0044 0532 0130 00"
    assert (prompt.passages[1].title, prompt.passages[1].text) == ("Staff <EMAIL_3>", "<EMAIL_4>")
    assert prompt.passages[2].text == "dora@example.org, IBAN <BANK_1>"
    assert mask.restore(prompt.passages[1].text) == "carl@example.org"


def test_a_passage_of_no_collection_is_masked_whole() -> None:
    prompt, _ = prompt_mask(Prompt("What did I say?", [Passage(1, "user", "", "I am eve@example.org", 1.0)]))
    assert prompt.passages[0].text == "I am <EMAIL_1>"


def test_a_generator_outside_sees_placeholders_and_its_answer_has_the_values() -> None:
    outside = Scripted("outside", Delta("Write to <EMA"), Delta("IL_1"), Delta("> now"))
    told = list(stepped(GeneratorChain([outside]).stream(PROMPT, timeout=5)))
    assert told == [Delta("Write to "), Delta("ada@example.org now"), Finish("outside")]
