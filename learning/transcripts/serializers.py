"""Transcripts as JSON."""

from typing import Any

from documents.models import State
from learning.models import Transcript
from utils import serializers

MOST_SEGMENTS = 20_000
_LONGEST = 400_000.0
"""Seconds."""
_MOST_TEXT = 5_000_000


class SegmentSerializer(serializers.Serializer[Any]):
    start = serializers.FloatField(min_value=0, max_value=_LONGEST, help_text="Seconds from the beginning.")
    end = serializers.FloatField(min_value=0, max_value=_LONGEST)
    text = serializers.CharField(max_length=5000, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] < attrs["start"]:
            raise serializers.ValidationError({"end": "It ends before it begins."})
        return attrs


class SegmentsSerializer(serializers.Serializer[Any]):
    segments = serializers.ListField(child=SegmentSerializer(), min_length=1, max_length=MOST_SEGMENTS)


class TranscriptTextSerializer(serializers.Serializer[Any]):
    """One of the two."""

    segments = serializers.ListField(
        child=SegmentSerializer(),
        required=False,
        min_length=1,
        max_length=MOST_SEGMENTS,
        help_text="What is said, with its times.",
    )
    text = serializers.CharField(
        required=False, max_length=_MOST_TEXT, help_text="SRT, WebVTT, or the words alone: their times are estimated."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"text": "Give either text or segments."})
        return attrs


class TranscriptFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="SRT, WebVTT, timed segments in JSON, or plain text; at most 10 MB.")


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    video_id = serializers.IntegerField(read_only=True)
    document_id = serializers.UUIDField(source="version.document_id", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    state = serializers.ChoiceField(
        source="version.state", choices=State.choices, read_only=True, help_text="Of this version, as of any document."
    )
    published = serializers.SerializerMethodField(help_text="This is the version that is searched and answered from.")
    error_detail = serializers.CharField(source="version.error_detail", read_only=True)
    segments = serializers.SerializerMethodField(help_text="How many there are.")
    duration = serializers.SerializerMethodField(help_text="When the last of them ends, in seconds.")

    class Meta:
        model = Transcript
        fields = [
            "video_id",
            "document_id",
            "version",
            "state",
            "published",
            "error_detail",
            "segments",
            "duration",
            "estimated",
            "created_at",
        ]

    def get_published(self, transcript: Transcript) -> bool:
        return transcript.version.document.published_id == transcript.version_id

    def get_segments(self, transcript: Transcript) -> int:
        return len(transcript.segments)

    def get_duration(self, transcript: Transcript) -> float:
        return max((float(row[1]) for row in transcript.segments), default=0.0) / 1000


class VideoSearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=1000, help_text="What to search for.")
    top_k = serializers.IntegerField(min_value=1, max_value=50, default=10)


class SpokenSerializer(serializers.Serializer[Any]):
    """A passage of a transcript."""

    chunk_id = serializers.CharField()
    text = serializers.CharField()
    start = serializers.FloatField(help_text="When it begins, in seconds.")
    end = serializers.FloatField(help_text="When it ends.")
    at = serializers.FloatField(help_text="When the sentence begins in it that holds most of what was asked for.")
    char_start = serializers.IntegerField(help_text="Its place in the text of the version.")
    char_end = serializers.IntegerField()
    score = serializers.FloatField()


class VideoSearchSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    video_id = serializers.IntegerField()
    version = serializers.IntegerField()
    estimated = serializers.BooleanField(help_text="The times are estimates.")
    results = SpokenSerializer(many=True)
