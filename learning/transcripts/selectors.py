"""What may be read of transcripts, and by whom."""

from django.db.models import QuerySet

from learning.courses.selectors import courses_managed, enrolment_get, video_get
from learning.models import Transcript, Video
from users.models import User
from utils.errors import NotFound


def video_watched(*, viewer: User, video_id: int) -> Video:
    """A video that the viewer may watch: as a member of its course, or as who looks after it. Raises NotFound."""
    video = video_get(viewer=viewer, video_id=video_id)
    course = video.topic.module.course
    if not courses_managed(viewer).filter(pk=course.pk).exists():
        enrolment_get(user=viewer, course=course)
    return video


def transcript_find(video: Video) -> Transcript | None:
    """The one that counts, with the text; None where there is none yet, or none that may be answered from."""
    found = Transcript.objects.filter(video=video, version__published_in__isnull=False)
    return found.select_related("version__document").first()


def transcript_get(video: Video) -> Transcript:
    """As :func:`transcript_find`. Raises NotFound."""
    found = transcript_find(video)
    if found is None:
        raise NotFound("This video has no transcript yet.", code="no_transcript")
    return found


def transcripts_of(video: Video) -> QuerySet[Transcript]:
    """All versions, the newest first, without their text."""
    found = Transcript.objects.filter(video=video).select_related("version__document", "version__created_by")
    return found.defer("version__text").order_by("-version__number")


def transcript_numbered(video: Video, number: int) -> Transcript:
    """Raises NotFound."""
    found = transcripts_of(video).filter(version__number=number).first()
    if found is None:
        raise NotFound("The video has no transcript of this number.")
    return found
