"""What makes a text suspicious by its form: turns of chat templates, fences, markup that hides, addresses that carry."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Mark(NamedTuple):
    category: str
    weight: float
    start: int
    end: int


_FENCED = r"passages?|contexts?|documents?|sources?|retrieved\w*|knowledge\w*|system|instructions?|history|user_?\w*|data|turn"
_ROLES = r"system|assistant|human|user|ai|bot|operator|developer|model"

# Each with a piece of text that it cannot do without, so that most texts are not searched at all.
_MARKS: tuple[tuple[str, float, str, str], ...] = (
    ("template", 1.0, "<|", r"<\|[a-z_ ]{2,30}\|>"),
    ("template", 1.0, "<\uff5c", "<\uff5c[^>\n]{2,40}>"),
    ("template", 1.0, "inst]", r"\[/?inst\]"),
    ("template", 1.0, "sys>>", r"<</?sys>>"),
    ("template", 1.0, "_turn>", r"<(?:start|end)_of_turn>"),
    ("template", 0.8, "[system_prompt]", r"\[/?system_prompt\]"),
    (
        "template",
        0.7,
        "#",
        rf"(?m)^#{{1,6}} ?(?:{_ROLES}|instruction|response|input)\W{{0,2}}:?\s*$|^#{{2,6}} ?(?:{_ROLES}|instruction|response)\s*:",
    ),
    ("template", 0.5, "role", rf"[\"']?\brole[\"']?\s*[:=]\s*[\"']?(?:{_ROLES})\b"),
    (
        "turns",
        0.4,
        ":",
        r"(?m)^\W{0,4}(?:system|assistant|human|ai|chatbot)(?: (?:message|prompt|note|instruction)s?)?\s*:(?=[ \n])",
    ),
    ("turns", 0.4, "system", r"(?:^|[\n(>.;-]\s*)system(?: (?:prompt|message|override|instruction)s?)?\s*:(?= ?[a-z])"),
    (
        "dialogue",
        0.5,
        ":",
        r"(?m)^\W{0,4}(?:human|user)\s*:[^\n]*\n+\W{0,4}(?:assistant|ai|bot|model)\s*:|^\W{0,4}(?:assistant|ai|bot)\s*:[^\n]*\n+\W{0,4}(?:human|user)\s*:",
    ),
    ("fence", 0.6, "</", rf"</(?:{_FENCED})\s*>(?=\s*(?:$|[\n<a-z]))"),
    ("fence", 1.0, "</", rf"(?:</(?:{_FENCED})\s*>\s*){{2}}"),
    ("fence", 0.7, "<passage", r"<passages?\b[^>\n]{0,200}>"),
    ("fence", 0.4, "<", r"<(?:system|instructions?|prompt|important|admin|override)\b[^>\n]{0,80}>"),
    (
        "fence",
        0.6,
        "end",
        r"\bend[ _-]of[ _-](?:the )?(?:\w+[ _-])?(?:context|documents?|passages?|content|prompt|retrieved|reference|sources?|knowledge|user input)\b",
    ),
    (
        "fence",
        0.6,
        "here",
        r"\b(?:documents?|passages?|context|reference text|sources)\b[^.\n]{0,20}\b(?:ends? here|is complete|is over)\b",
    ),
    (
        "fence",
        0.7,
        "begin",
        r"\bbegin(?:ning)?(?: of)? (?:operator|system|new|admin|developer) (?:instructions|prompt|message|input)\b",
    ),
    ("hidden", 0.3, "display", r"display\s*:\s*none"),
    ("hidden", 0.3, "visibility", r"visibility\s*:\s*hidden"),
    ("hidden", 0.3, "font", r"font-size\s*:\s*[01](?:px|pt|em)?\b|<font[^>]{0,40}(?:#fff|white)"),
    ("hidden", 0.3, "color", r"[^-]color\s*:\s*(?:white|#fff(?:fff)?)\b"),
    ("hidden", 0.3, "hidden", r"<\w+[^>\n]{0,80}\b(?:hidden|aria-hidden)\b"),
    ("hidden", 0.3, "<!--", r"<!--"),
    ("hidden", 0.4, "[//]:", r"\[//\]:\s*#"),
    ("tool", 1.0, "tool_calls]", r"\[tool_calls\]|\[available_tools\]"),
    ("tool", 1.0, "_call", r"</?(?:tool|function)_calls?>"),
    ("tool", 0.9, "_call", r"[\"'](?:tool|function)_calls?[\"']\s*:\s*\[?\s*\{\s*[\"'](?:name|function|id|type)"),
    ("tool", 0.7, "_call", r"[\"'](?:tool|function)_calls?[\"']\s*:"),
    (
        "tool",
        0.7,
        "arguments",
        r"[\"']name[\"']\s*:\s*[\"'][\w.-]+[\"']\s*,\s*[\"'](?:arguments|parameters|input)[\"']\s*:",
    ),
    ("tool", 0.5, "{", r"\b(?:call|invoke|execute|run)\s+\w{3,40}\s*\{\s*[\"']"),
    ("theft", 0.3, "![", r"!\[[^\]\n]{0,200}\]\(\s*<?(?:https?:)?//[^)\s]{0,400}[?=&]"),
    ("theft", 0.4, "![", r"!\[\s*\]\(\s*<?(?:https?:)?//"),
    ("theft", 0.4, "<img", r"<img[^>\n]{1,100}//[^>\n]{1,200}[?=]"),
    (
        "beacon",
        0.7,
        "//",
        r"//[^\s)\"'<>]{0,300}[?&=#](?:\{|<|\[|%7b|\$\{|(?:user|chat|the)?_?(?:question|conversation|history|secret|query|message|answer)s?\b(?![\w.=/]))",
    ),
    ("beacon", 0.4, "//", r"//[^\s)\"'<>]{0,300}[?&](?:\w{1,12})=(?=[\s)\"'>]|$)"),
    ("persona", 0.8, "do anything now", r"do anything now"),
    ("override", 0.4, "_override", r"\b(?:prompt|system|ai)_(?:override|instructions?)\b"),
    ("override", 0.4, "ai_instructions", r"\bai_instructions?\b|\bllm_(?:note|instructions?)\b"),
    ("override", 0.5, "override", r"\b(?:system|prompt|priority|admin|instruction)s?[ _-]override\b"),
)
_COMPILED = tuple((category, weight, sign, re.compile(pattern)) for category, weight, sign, pattern in _MARKS)
_MOST = 20
"""Of one kind in a text."""


def marks(folded: str) -> Iterator[Mark]:
    for category, weight, sign, pattern in _COMPILED:
        if sign not in folded:
            continue
        for number, match in enumerate(pattern.finditer(folded)):
            if number == _MOST:
                break
            yield Mark(category, weight, match.start(), match.end())
