"""The numbers of a report, counted by reading every row in plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from background_tasks.models import JobRun
from chat.models import AnswerTrace, Citation, Feedback, Message, Session, ToolCall, Usage, VisitorUsage


class Rows:
    """Every row, read once."""

    def __init__(self) -> None:
        self.sessions = {session.pk: session for session in Session.objects.all()}
        self.messages = list(Message.objects.all())
        self.feedback, self.calls = list(Feedback.objects.all()), list(ToolCall.objects.all())
        self.citations, self.traces = list(Citation.objects.all()), list(AnswerTrace.objects.all())
        self.runs, self.usage = list(JobRun.objects.all()), list(Usage.objects.all())
        self.visitor_usage = list(VisitorUsage.objects.all())

    def recount(self, day: date, zone: str) -> dict[str, Any]:
        local = ZoneInfo(zone)

        def on(moment: datetime | None) -> bool:
            return moment is not None and moment.astimezone(local).date() == day

        messages = [message for message in self.messages if on(message.timestamp)]
        where = [self.sessions[message.session_id] for message in messages if message.sender_type == "user"]
        answers = [message for message in messages if message.sender_type == "bot"]
        keys = {answer.pk for answer in answers}
        whole = [answer for answer in answers if answer.status == "complete"]
        ends = Counter(answer.status for answer in answers)
        said = Counter(one.rating for one in self.feedback if on(one.at))
        calls = [call for call in self.calls if on(call.at)]
        return {
            "people": {
                "users": len({session.user_id for session in where if session.user_id}),
                "visitors": len({session.visitor_id for session in where if session.visitor_id}),
                "sessions": len({session.pk for session in where}),
                "new_sessions": sum(on(session.created_at) for session in self.sessions.values()),
            },
            "questions": {
                "total": len(where),
                "of_users": sum(session.kind == "chat" and session.user_id is not None for session in where),
                "of_visitors": sum(session.visitor_id is not None for session in where),
                "single": sum(session.kind == "assistant" for session in where),
            },
            "answers": {
                "total": len(answers),
                "answered": sum(answer.grounded for answer in whole),
                "refused": sum(not answer.grounded for answer in whole),
                "failed": ends["failed"],
                "stopped": ends["stopped"],
                "unfinished": ends["streaming"],
                "kept": sum("cached" in answer.metadata for answer in whole),
            },
            "feedback": {"helpful": said["helpful"], "not_helpful": said["not_helpful"]},
            "response_ms": _times(sorted(a.response_time_ms for a in whole if a.response_time_ms is not None)),
            "models": [
                _model(name, [a for a in whole if a.model == name]) for name in sorted({a.model for a in whole})
            ],
            "usage": self._usage(day),
            "documents": _documents([citation for citation in self.citations if citation.message_id in keys]),
            "failures": dict(sorted(Counter(a.metadata["error"] for a in answers if a.status == "failed").items())),
            "tools": {"total": len(calls), "failed": sum(call.outcome == "failed" for call in calls)},
            "searches_by_words": sum(
                trace.search["mode"] == "lexical" and trace.search["settings"]["embedder"] != ""
                for trace in self.traces
                if trace.message_id in keys
            ),
            "jobs": _jobs([run for run in self.runs if on(run.ended_at)]),
        }

    def hours(self, day: date, zone: str) -> dict[str, int]:
        """Beginning of each hour that passed on the day, in UTC, and its questions."""
        local = ZoneInfo(zone)
        asked = [message.timestamp for message in self.messages if message.sender_type == "user"]
        begins = datetime.combine(day, datetime.min.time(), local).astimezone(UTC)
        found = {}
        while begins.astimezone(local).date() == day:
            ends = begins + timedelta(hours=1)
            found[begins.isoformat().replace("+00:00", "Z")] = sum(begins <= moment < ends for moment in asked)
            begins = ends
        return found

    def _usage(self, day: date) -> dict[str, Any]:
        users = [row for row in self.usage if row.day == day]
        rows: list[Any] = [*users, *(row for row in self.visitor_usage if row.day == day)]
        names = ("answers", "prompt_tokens", "completion_tokens")
        return {
            "utc_day": day.isoformat(),
            "accounts": len(users),
            **{n: sum(getattr(r, n) for r in rows) for n in names},
        }


def _times(took: list[int]) -> dict[str, int | None]:
    def at(percent: int) -> int | None:
        """The smallest that so many in 100 do not exceed."""
        return next((t for place, t in enumerate(took, 1) if 100 * place >= percent * len(took)), None)

    return {"count": len(took), "p50": at(50), "p95": at(95)}


def _model(name: str, answers: list[Message]) -> dict[str, Any]:
    made = [answer for answer in answers if "cached" not in answer.metadata]
    return {
        "model": name,
        "answers": len(answers),
        "kept": len(answers) - len(made),
        "prompt_tokens": sum(answer.prompt_tokens for answer in made),
        "completion_tokens": sum(answer.completion_tokens for answer in made),
    }


def _documents(cited: list[Citation]) -> list[dict[str, Any]]:
    counts = Counter(citation.document_id for citation in cited)
    order = sorted(counts, key=lambda document: (-counts[document], document))
    return [
        {
            "document_id": str(document),
            "title": max(citation.title for citation in cited if citation.document_id == document),
            "citations": counts[document],
            "answers": len({citation.message_id for citation in cited if citation.document_id == document}),
        }
        for document in order[:10]
    ]


def _jobs(runs: list[JobRun]) -> list[dict[str, Any]]:
    return [
        {
            "job": job,
            **{state: sum(run.job == job and run.state == state for run in runs) for state in ("done", "failed")},
        }
        for job in sorted({run.job for run in runs})
    ]
