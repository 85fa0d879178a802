"""Subtitles become paragraphs of what is said, however their file is written."""

import random
import time

import pytest

from documents.blocks import flatten
from documents.errors import BrokenFile
from documents.loaders.subtitles import Cue, cues_read, cues_write, paragraphs
from documents.loading import load

pytestmark = pytest.mark.once

SRT = """1
00:00:01,000 --> 00:00:03,500
A binary search needs
a sorted list.

2
00:00:03,500 --> 00:00:06,000
It halves the list at each step.
"""
SAID = [Cue(1000, 3500, "A binary search needs a sorted list."), Cue(3500, 6000, "It halves the list at each step.")]
VTT = """WEBVTT - A lecture
Kind: captions

STYLE
::cue { color: red }

NOTE 00:05 is said --> nowhere
more of the note

first
00:01.000 --> 00:03.500 align:start position:0%
<v Ada>A <i>binary</i> search needs</v>
a <c.loud>sorted</c> <00:00:02.500>list.

00:03.500 --> 00:06.000
It halves the list at each step.

A word that nobody says.
"""


@pytest.mark.parametrize(
    "source",
    [
        SRT,
        VTT,
        "\ufeff" + SRT,
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n", "\r"),
        SRT.replace(",", ".").replace("00:00:0", "00:0"),
        SRT.replace("\n\n", "\n"),
        "\n\n" + SRT + "\n\n3\n00:00:07,000 --> 00:00:08,000\n \n",
        SRT.replace("binary", '<font color="#fff">{\\an8}binary</font>'),
        "2\n00:00:03,500 --> 00:00:06,000\nIt halves the list at each step.\n\n" + SRT.rpartition("\n2\n")[0],
    ],
    ids=["srt", "vtt", "bom", "crlf", "cr", "hours", "tight", "empty", "tags", "unordered"],
)
def test_the_same_is_said_however_it_is_written(source: str) -> None:
    assert cues_read(source) == SAID


def test_overlapping_cues_are_kept_and_rolling_captions_are_said_once() -> None:
    rolling = (
        "00:01.000 --> 00:04.000\none\n\n00:02.000 --> 00:05.000\none\ntwo\n\n00:03.000 --> 00:06.000\ntwo\nthree\n"
    )
    assert [cue.text for cue in cues_read("WEBVTT\n\n" + rolling)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("1\n-00:00:01,000 --> 00:00:02,000\nA\n", "Line 2"),
        ("1\n00:00:03,000 --> 00:00:02,000\nA\n", "Line 2"),
        ("1\n00:xx:03,000 --> 00:00:02,000\nA\n", "Line 2"),
        ("1\n00:00:03,000 -->\nA\n", "Line 2"),
        ("WEBVTT\n\nNothing is said.\n", "no subtitles"),
    ],
)
def test_times_that_are_none_are_named(source: str, line: str) -> None:
    with pytest.raises(BrokenFile, match=line):
        cues_read(source)


def test_an_arrow_or_a_tag_of_another_language_in_what_is_said_stays() -> None:
    said = "If a < b & c > d, then x --> y, and <html> begins the page."
    assert cues_read(f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n")[0].text == said
    assert cues_read(cues_write([Cue(0, 1, said)])) == [Cue(0, 1, said)]


@pytest.mark.parametrize(("data", "name"), [(SRT, "a.srt"), (SRT, "a.txt"), (VTT, "a.vtt"), (VTT, "a")])
def test_subtitles_are_known_by_their_content_and_read_as_text(data: str, name: str) -> None:
    blocks = load(data.encode(), name).blocks
    assert [block.text for block in blocks] == [" ".join(cue.text for cue in SAID)]


def test_every_cue_lies_in_the_text_where_its_paragraph_says() -> None:
    chance = random.Random(7)
    words = ["ａ́", "e", "\u0301x", "“Stop.”", "<b", "&amp;", "né", "1."]
    cues = [
        Cue(n * 3000, n * 3000 + 2900, " ".join(chance.choices(words, k=9)) + chance.choice([".", "", "?"]))
        for n in range(300)
    ]
    read = cues_read(cues_write(cues))
    text = flatten(load(cues_write(cues).encode(), "a.vtt").blocks).content
    assert text == "\n\n".join(" ".join(cue.text for cue in part) for part in paragraphs(read))
    assert 20 < text.count("\n\n") < 60


@pytest.mark.parametrize(
    "hostile",
    [
        "00:00:01,000 --> 00:00:02,000\n" + "<" * 2_000_000,
        "00:00:01,000 --> 00:00:02,000\n" + "{\\" * 1_000_000,
        "1\n00:00:01,000 --> 00:00:02,000\na\n" * 60_000,
        "00:00:01,000 --> 00:00:02,000\n" + "\n" * 2_000_000 + "a",
        "00:00:01,000 --> 00:00:02,000" + " " * 2_000_000 + "\na",
        "00:00:01,000 --> 00:00:02,000\na\n" + "9" * 2_000_000 + "\n00:00:01,000 --> 00:00:02,000\na\n",
    ],
    ids=["tags", "braces", "cues", "lines", "spaces", "digits"],
)
def test_two_megabytes_of_anything_are_read_in_seconds(hostile: str) -> None:
    began = time.process_time()
    assert list(paragraphs(cues_read(hostile)))
    assert time.process_time() - began < 5
