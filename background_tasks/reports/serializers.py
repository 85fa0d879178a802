"""Reports as JSON."""

from typing import Any

from background_tasks.models import DailyReport
from background_tasks.reports.story import Story
from utils import serializers


class _Counts(serializers.Serializer[Any]):
    """Of what is kept as JSON: its times are texts already."""


class PeopleSerializer(_Counts):
    users = serializers.IntegerField(help_text="Accounts that asked.")
    visitors = serializers.IntegerField()
    sessions = serializers.IntegerField(help_text="Conversations with a question of this day.")
    new_sessions = serializers.IntegerField()


class HourSerializer(_Counts):
    begins = serializers.CharField(help_text="In UTC.")
    questions = serializers.IntegerField()


class QuestionsSerializer(_Counts):
    total = serializers.IntegerField()
    of_users = serializers.IntegerField(help_text="In conversations of users.")
    of_visitors = serializers.IntegerField()
    single = serializers.IntegerField(help_text="Single questions of users.")
    by_hour = HourSerializer(many=True)


class AnswersSerializer(_Counts):
    total = serializers.IntegerField()
    answered = serializers.IntegerField()
    refused = serializers.IntegerField()
    failed = serializers.IntegerField()
    stopped = serializers.IntegerField()
    unfinished = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="Given again from answers that are kept.")


class RatingsSerializer(_Counts):
    helpful = serializers.IntegerField()
    not_helpful = serializers.IntegerField()


class ResponseTimesSerializer(_Counts):
    count = serializers.IntegerField()
    p50 = serializers.IntegerField(allow_null=True, help_text="Milliseconds that half of the answers took at most.")
    p95 = serializers.IntegerField(allow_null=True)


class ModelUseSerializer(_Counts):
    model = serializers.CharField(allow_blank=True)
    answers = serializers.IntegerField()
    kept = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost = serializers.FloatField(allow_null=True, help_text="US dollars; null where the price is not known.")
    price = serializers.ChoiceField(choices=["set", "estimate", "none", "unknown"])


class CostSerializer(_Counts):
    currency = serializers.CharField()
    known = serializers.FloatField()
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Models whose price is not known.")
    estimated = serializers.BooleanField()


class AllUsageSerializer(_Counts):
    utc_day = serializers.CharField()
    accounts = serializers.IntegerField()
    answers = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()


class CitedSerializer(_Counts):
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    citations = serializers.IntegerField()
    answers = serializers.IntegerField()


class ToolUseSerializer(_Counts):
    total = serializers.IntegerField()
    failed = serializers.IntegerField()


class JobsEndedSerializer(_Counts):
    job = serializers.CharField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()


class CountedSerializer(_Counts):
    people = PeopleSerializer()
    questions = QuestionsSerializer()
    answers = AnswersSerializer()
    feedback = RatingsSerializer()
    response_ms = ResponseTimesSerializer()
    models = ModelUseSerializer(many=True)
    cost = CostSerializer()
    usage = AllUsageSerializer(help_text="By all ways of asking, on this day of UTC.")
    documents = CitedSerializer(many=True)
    failures = serializers.DictField(child=serializers.IntegerField(), help_text="Failed answers by error code.")
    tools = ToolUseSerializer()
    searches_by_words = serializers.IntegerField()
    jobs = JobsEndedSerializer(many=True)


class ReportedCheckSerializer(_Counts):
    ended = serializers.CharField()
    faults = serializers.IntegerField()
    left = serializers.IntegerField()


class ReportedIndexSerializer(_Counts):
    name = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    lag = serializers.IntegerField(allow_null=True)


class KnowledgeSerializer(_Counts):
    documents = serializers.IntegerField()
    passages = serializers.IntegerField()
    pending = serializers.IntegerField()
    failed = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    indexes = ReportedIndexSerializer(many=True)
    check = ReportedCheckSerializer(allow_null=True)


class TitledSerializer(_Counts):
    document_id = serializers.UUIDField()
    title = serializers.CharField()


class UnusedSerializer(_Counts):
    days = serializers.IntegerField()
    count = serializers.IntegerField()
    documents = TitledSerializer(many=True)


class GapsFoundSerializer(_Counts):
    questions = serializers.IntegerField()
    groups = serializers.IntegerField()
    by_meaning = serializers.IntegerField(help_text="Questions that were compared by meaning; the others by words.")


class FoundSerializer(_Counts):
    taken_at = serializers.CharField()
    main_model = serializers.CharField(help_text="The generator that is asked first.")
    index = KnowledgeSerializer()
    unused = UnusedSerializer()
    gaps = GapsFoundSerializer()


class AskedInVainSerializer(_Counts):
    example = serializers.CharField(help_text="Masked; empty where it has been resolved or erased since.")
    times = serializers.IntegerField(help_text="Refusals.")
    not_helpful = serializers.IntegerField()
    questions = serializers.IntegerField(help_text="Different wordings.")
    nearest = serializers.CharField(help_text="Title of the nearest document; may be empty.")
    ids = serializers.ListField(child=serializers.IntegerField(), help_text="Of the knowledge gaps that are left.")


class NeedSerializer(_Counts):
    text = serializers.CharField()
    bad = serializers.BooleanField(help_text="Something is broken.")


class ReportSummarySerializer(serializers.Serializer[DailyReport]):
    date = serializers.DateField(source="day")
    time_zone = serializers.CharField()
    begins = serializers.DateTimeField()
    ends = serializers.DateTimeField(help_text="Not included.")
    made_at = serializers.DateTimeField()
    complete = serializers.BooleanField(help_text="False: rows may have been removed before they were counted.")
    users = serializers.IntegerField(source="counted.people.users")
    visitors = serializers.IntegerField(source="counted.people.visitors")
    questions = serializers.IntegerField(source="counted.questions.total")
    answered = serializers.IntegerField(source="counted.answers.answered")
    refused = serializers.IntegerField(source="counted.answers.refused")
    failed = serializers.IntegerField(source="counted.answers.failed")


class ReportSerializer(serializers.Serializer[Story]):
    date = serializers.DateField(source="report.day")
    time_zone = serializers.CharField(source="report.time_zone")
    begins = serializers.DateTimeField(source="report.begins")
    ends = serializers.DateTimeField(source="report.ends", help_text="Not included.")
    made_at = serializers.DateTimeField(source="report.made_at")
    complete = serializers.BooleanField(source="report.complete")
    mailed_at = serializers.DateTimeField(source="report.mailed_at", allow_null=True)
    headline = serializers.CharField()
    needs_a_look = NeedSerializer(source="needs", many=True)
    counted = CountedSerializer(help_text="What rows tell of the day.")
    found = FoundSerializer(help_text="The state at the time when the report was first made.")
    asked_in_vain = AskedInVainSerializer(source="asked", many=True)
