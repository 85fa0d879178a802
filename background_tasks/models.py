"""When jobs ran and what came of it, and who leads the schedulers; the reports of days."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    ASKED = "asked", "Asked for"
    RUNNING = "running"
    WAITING = "waiting", "To be tried again"
    DONE = "done"
    FAILED = "failed"


OPEN = (State.ASKED, State.RUNNING, State.WAITING)
"""States of a run that has not come to its end."""


class JobRun(models.Model):
    """One run of a job for one slot: the time that the schedule gave it. Whoever makes the row runs the job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.CharField(max_length=64)
    slot = models.DateTimeField(help_text="When it was due; of a run by hand, when it was asked for.")
    by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    attempt = models.PositiveSmallIntegerField(default=1)
    worker = models.CharField(
        max_length=100, blank=True, help_text="The process that runs it: machine, number, a name of its own."
    )
    term = models.BigIntegerField(default=0, help_text="The term of the scheduler that runs it; 0: run_job does.")
    alive_at = models.DateTimeField(null=True, help_text="The last sign of life of run_job.")
    started_at = models.DateTimeField(help_text="Of the last attempt.")
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="Of a run that waits: when it is tried again.")
    counts = models.JSONField(default=dict, help_text="What it has done, by name.")
    error = models.TextField(blank=True)
    noticed = models.BooleanField(default=False, help_text="Whether the admins were told that it failed.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-slot", "job"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["job", "-slot"], name="run_of_job"),
            models.Index(fields=["state", "due_at"], name="run_to_do"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job", "slot"], name="run_unique_for_job_and_slot"),
            models.UniqueConstraint(fields=["job"], condition=models.Q(state__in=OPEN), name="run_one_open_of_job"),
        ]

    def __str__(self) -> str:
        return f"{self.job} of {self.slot:%Y-%m-%d %H:%M:%S}"


class DailyReport(models.Model):
    """The numbers of one day. They name nobody and hold nobody's words, and outlive the rows that were counted."""

    day = models.DateField(unique=True)
    time_zone = models.CharField(max_length=64, help_text="Whose day it is.")
    begins = models.DateTimeField()
    ends = models.DateTimeField(help_text="Not in it.")
    made_at = models.DateTimeField(help_text="When its rows were counted last.")
    complete = models.BooleanField(help_text="False: rows of that day may have been removed before they were counted.")
    counted = models.JSONField(help_text="What rows tell of the day, whenever they are counted.")
    found = models.JSONField(help_text="The state that the product was found in when the report was first made.")
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class Leadership(models.Model):
    """Which scheduler leads: one row. Every change of the leader begins a term with the next number."""

    term = models.BigIntegerField(default=0)
    leader = models.CharField(max_length=100, blank=True)
    locked = models.BooleanField(
        default=False, help_text="Whether the leader has the lock as well, so that whoever gets it knows it dead."
    )
    until = models.DateTimeField(null=True, help_text="When the term ends, unless it is renewed; the database's time.")
    since = models.DateTimeField(default=timezone.now, help_text="When the first scheduler ever began.")
