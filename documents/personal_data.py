"""Who handed documents in, and looked after them. The documents are the organisation's and stay, without the name."""

from collections.abc import Iterable

from documents.models import Document, Invitation, Job, Question, Release, Source, Version
from users.models import User
from users.personal_data.base import Part, PersonalData


class AuthorData(PersonalData):
    models = frozenset(
        {
            "documents.Document",
            "documents.Version",
            "documents.Job",
            "documents.Release",
            "documents.Question",
            "documents.Source",
            "documents.Invitation",
        }
    )

    def export(self, user: User) -> Iterable[Part]:
        own = {"created_by": user}
        documents = Document.objects.filter(**own).order_by("created_at")
        yield "documents", documents.values("id", "title", "source_uri", "created_at").iterator()
        versions = Version.objects.filter(**own).order_by("created_at")
        told = ("document_id", "number", "title", "file_name", "size", "content_hash", "note", "created_at")
        yield "document_versions", versions.values(*told).iterator()
        yield "indexing_jobs", Job.objects.filter(**own).order_by("created_at").values("id", "created_at").iterator()
        releases = Release.objects.filter(**own).order_by("created_at")
        yield "releases_from_quarantine", releases.values("document_id", "digest", "created_at").iterator()
        questions = Question.objects.filter(**own).order_by("created_at")
        yield "golden_questions", questions.values("id", "text", "created_at").iterator()
        sources = Source.objects.filter(**own).order_by("created_at")
        yield "sources", sources.values("id", "name", "location", "created_at").iterator()

        invitations = Invitation.objects.filter(user=user).order_by("collection__slug")
        yield "invited_to", invitations.values("collection__slug").iterator()

    def erase(self, user: User) -> None:
        Invitation.objects.filter(user=user).delete()
        for model in (Document, Version, Job, Release, Question, Source):
            model._default_manager.filter(created_by=user).update(created_by=None)
