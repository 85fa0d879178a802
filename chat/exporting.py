"""A conversation as a file: JSON has all of it, Markdown what is shown, with citations as footnotes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.text import slugify
from rest_framework.renderers import JSONRenderer

from chat.models import Citation, Message, Sender, Session
from chat.selectors import messages_shown
from chat.serializers import MessageSerializer, SessionSerializer

Format = Literal["json", "markdown"]
_MARKER = re.compile(r"```.*?```|`[^`\n]*`|\[(?P<number>\d{1,3})\]", re.DOTALL)
_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>#|~])")
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    content_type: str
    content: bytes


def session_export(*, session: Session, form: Format) -> Export:
    name = slugify(session.title)[:_NAME_LENGTH].strip("-") or f"conversation-{session.pk}"
    if form == "markdown":
        return Export(f"{name}.md", "text/markdown; charset=utf-8", _markdown(session).encode())
    return Export(f"{name}.json", "application/json", _json(session))


def _json(session: Session) -> bytes:
    messages = MessageSerializer(messages_shown(session=session, every=True), many=True).data
    whole = {"session": SessionSerializer(session).data, "messages": messages}
    plain = json.loads(JSONRenderer().render(whole))
    return json.dumps(plain, ensure_ascii=False, indent=2).encode()


def _markdown(session: Session) -> str:
    parts = [f"# {_plain(' '.join(session.title.split())) or 'Conversation'}"]
    notes: list[str] = []
    for message in messages_shown(session=session):
        when = f"{message.timestamp:%Y-%m-%d %H:%M} UTC"
        if message.sender_type == Sender.USER:
            asked = "\n".join(f"> {_plain(line)}".rstrip() for line in message.content.splitlines())
            parts.append(f"## Question, {when}\n\n{asked}")
        else:
            citations = list(message.citations.all())
            parts.append(f"**Answer**\n\n{_with_footnotes(message, citations, first=len(notes) + 1)}")
            notes += [_footnote(number, citation) for number, citation in enumerate(citations, start=len(notes) + 1)]
    return "\n\n".join([*parts, *notes]) + "\n"


def _with_footnotes(message: Message, citations: list[Citation], *, first: int) -> str:
    """Markers number the passages of one answer, footnotes those of the whole file."""
    numbers = {citation.marker: number for number, citation in enumerate(citations, start=first)}

    def footnote(match: re.Match[str]) -> str:
        known = match["number"] and numbers.get(int(match["number"]))
        return f"[^{known}]" if known else match[0]

    return _MARKER.sub(footnote, message.content)


def _footnote(number: int, citation: Citation) -> str:
    place = " › ".join(_plain(part) for part in _place(citation))
    page = f", page {citation.page}" if citation.page else ""
    text = "\n".join(f"    > {_plain(line)}".rstrip() for line in citation.text.splitlines())
    return f"[^{number}]: {place}{page}, version {citation.version}\n\n{text}"


def _place(citation: Citation) -> Iterator[str]:
    yield citation.title
    yield from (part for part in citation.heading.split(" > ") if part and part != citation.title)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)
