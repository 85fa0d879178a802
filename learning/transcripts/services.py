"""What is done to transcripts. Each is a document in the collection of its course."""

from collections.abc import Iterable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from documents.loaders.subtitles import cues_write
from documents.models import Document, Version
from documents.publishing import document_delete, version_publish
from learning.courses.materials import material_submit
from learning.models import Transcript, Video
from learning.transcripts.reading import Said
from learning.transcripts.timeline import rows_of
from users.models import User

SOURCE = "video:"
"""How the ``source_uri`` of a transcript's document begins; the video's id follows."""


@transaction.atomic
def transcript_submit(*, actor: User, video: Video, said: Said) -> tuple[Transcript, bool]:
    """Take in what is said in a video, to be indexed by a worker; and whether it is new.

    The same words at the same times again are nothing. Anything else is a new version; the ones before are kept.
    """
    file = SimpleUploadedFile(f"{video.title[:200]}.vtt", cues_write(said.cues).encode())
    uri = f"{SOURCE}{video.pk}"
    handed_in = material_submit(
        actor=actor, course=video.topic.module.course, file=[file], title=video.title, source_uri=uri
    )
    version = Version.objects.filter(document=handed_in.documents[0]).defer("text").latest("number")
    kept = {"video": video, "segments": rows_of(said.cues), "estimated": said.estimated}
    transcript, made = Transcript.objects.get_or_create(version=version, defaults=kept)
    return transcript, made


def transcript_publish(*, actor: User, transcript: Transcript) -> Version:
    """Search and answer from this version from now on. Raises what documents.publishing.version_publish raises."""
    return version_publish(version=transcript.version, author=actor)


def transcripts_delete(*, actor: User, videos: Iterable[Video]) -> None:
    """With their documents: from this moment no answer rests on them. Raises WouldBreakQuestions."""
    for document in Document.objects.filter(versions__transcript__video__in=list(videos)).distinct():
        document_delete(document=document, author=actor)
