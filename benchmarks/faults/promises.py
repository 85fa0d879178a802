"""What is promised of each fault: the rows of docs/faults.md, of the command beside this and of tests/promises/."""

from collections.abc import Sequence
from dataclasses import dataclass

BOTH = ("pinecone", "faiss")


@dataclass(frozen=True, slots=True)
class Promise:
    name: str
    fault: str
    seen: str
    """What users meet meanwhile."""
    kept: str
    tests: Sequence[str]
    """Where each behaviour is verified by itself, below tests/."""
    within: float = 15
    """Seconds after the fault's end until every part of the product works, without anybody's help."""
    slowest: float = 20
    """Seconds that an answer may take meanwhile, be it a refusal."""
    refusals: frozenset[str] = frozenset()
    """Codes of the problems that users may meet meanwhile."""
    breaks: bool = False
    """Whether connections may break, and answers: a process that serves them has ended."""
    stores: Sequence[str] = BOTH
    rarity: int = 1
    """It comes up in every so manieth round."""
    clock: bool = False
    measured: bool = True

    def allows(self, status: int, code: str) -> bool:
        """Whether a user may have met this while it was on, or just after."""
        if not code:
            return True
        if status == 0 or code in ("cut", "interrupted") or (status == 200 and code.endswith("Error")):
            return self.breaks
        return code in self.refusals or code in _ALWAYS


_ALWAYS = frozenset({"in_progress", "invalid_token", "not_authenticated", "not_ready"})
"""A question that is sent again while it is answered; a token that has expired, by whatever clock; readiness, which has
to be told within a second. When it is ready again is measured."""
_DATABASE = frozenset({"database_unavailable"})
_LIMITS = frozenset({"limits_unavailable"})

_REFUSED = "Requests wait for up to 10 s, then 503 `database_unavailable` with `Retry-After`"
_ANSWERS = "What was acknowledged. Answers that are whole wait for 15 s to be saved; what is written of others is kept"
_DATABASE_TESTS = (
    "promises/test_database_away.py::test_requests_are_told_to_come_back_and_nothing_is_kept_of_them",
    "promises/test_database_away.py::test_so_are_those_who_hand_in_documents",
    "promises/test_database_away.py::test_an_answer_that_is_written_then_is_saved_as_it_is_told",
)
_LEADERS = (
    "contracts/test_leader_locks.py::test_a_dead_leader_is_followed_at_once",
    "contracts/test_leader_locks.py::test_a_frozen_leader_is_followed_when_its_term_has_ended_and_knows_it_once_awake",
)
_REDIS_SEEN = "Questions are answered and not limited; log-ins, registering: 503 `limits_unavailable`, `Retry-After: 1`"
_REDIS_KEPT = "All but the counts of limits and what was cached. Runs of jobs begin up to a second late"
_REDIS_TESTS = (
    "utils/test_redis_away.py::test_it_is_known_within_50_ms",
    "utils/test_redis_away.py::test_nobody_logs_in_then",
    "utils/test_redis_away.py::test_questions_are_answered_then",
    "utils/test_redis_away.py::test_a_server_that_comes_back_is_used_again",
)
_MISTRAL_SEEN = "Answers by the next generator (`model` says which), found by words alone"
_PROVIDER_KEPT = "Uploads wait and are indexed afterwards. Questions use the service again after 30 s at most"
_MODEL = "chat/test_provider_failure.py::test_a_failing_model_is_replaced_by_the_extractive_answer"
_EMBEDDER = "chat/test_provider_failure.py::test_a_failing_embedder_leaves_the_search_by_words"
_ALONE = "promises/test_services_left_alone.py::test_an_embedder"
_PINECONE_SEEN = "Answers, found by words alone after three failures"
_STORE = "promises/test_services_left_alone.py::test_a_vector_store"
_DELETED = "rag/test_deletion.py::test_deletes_that_fail_are_made_up_for_by_the_next_worker"
_KILLS = "rag/test_kills.py::test_kills_in_every_stage_leave_no_trace"
_SERVERS = "chat/test_killed_servers.py::test_servers_are_killed_in_the_middle_of_an_answer"
_BUT_A_SECOND = "What was acknowledged; of an answer that was being written all but its last second"
_BROKEN = "Connections break; the same request with the same `Idempotency-Key` is answered once"


def _mistral(name: str, fault: str, *tests: str, within: float = 30) -> Promise:
    return Promise(
        f"mistral-{name}", fault, _MISTRAL_SEEN, _PROVIDER_KEPT, tests or (_MODEL, _EMBEDDER, _ALONE), within=within
    )


def _pinecone(name: str, fault: str, *tests: str, within: float = 30) -> Promise:
    return Promise(
        f"pinecone-{name}",
        fault,
        _PINECONE_SEEN,
        _PROVIDER_KEPT,
        tests or (_STORE, _DELETED),
        within=within,
        stores=("pinecone",),
    )


def _postgres(name: str, fault: str, *, within: float = 15, rarity: int = 1) -> Promise:
    return Promise(
        f"postgres-{name}",
        fault,
        _REFUSED,
        _ANSWERS,
        _DATABASE_TESTS,
        within=within,
        slowest=35,
        refusals=_DATABASE,
        rarity=rarity,
    )


def _redis(name: str, fault: str) -> Promise:
    return Promise(f"redis-{name}", fault, _REDIS_SEEN, _REDIS_KEPT, _REDIS_TESTS, refusals=_LIMITS)


PROMISES = (
    _postgres("restart-fast", "PostgreSQL is restarted and ends its sessions"),
    _postgres("restart-immediate", "PostgreSQL is killed and started"),
    _postgres("away", "PostgreSQL is away for 5 s"),
    _postgres("away-30", "PostgreSQL is away for 30 s", within=20, rarity=4),
    _postgres("sessions-ended", "All sessions of PostgreSQL are ended, three times"),
    _postgres("cut", "The network to PostgreSQL swallows packets", within=25, rarity=2),
    _redis("killed", "Redis is killed and comes back empty"),
    Promise(
        "redis-flushed",
        "Redis loses everything",
        "Nothing",
        "All but the counts of limits and what was cached",
        (
            "background_tasks/test_clock.py::test_it_wakes_at_each_slot_and_sets_itself_anew_where_redis_has_lost_everything",
        ),
    ),
    _redis("frozen", "Redis takes connections and does not answer"),
    _redis("cut", "The network to Redis swallows packets"),
    Promise(
        "disk-full-files",
        "The disk of the original files is full",
        "Uploads: 507 `storage_full`; all else as ever",
        "What was there; of a refused upload nothing, not half a file",
        ("promises/test_full_disks.py::test_an_upload_is_refused_and_leaves_nothing",),
        refusals=frozenset({"storage_full"}),
    ),
    Promise(
        "disk-full-indexes",
        "The disk of the indexes is full",
        "Answers from the indexes as they stand; new documents are not found yet",
        "Uploads wait for room and follow then",
        ("promises/test_full_disks.py::test_documents_wait_for_room_in_the_indexes_and_questions_are_answered",),
        within=25,
    ),
    Promise(
        "disk-full-data",
        "The disk of the rest of the data is full",
        "Nothing; metrics may be missing",
        "Everything",
        ("promises/test_full_disks.py::test_an_upload_is_refused_and_leaves_nothing",),
    ),
    Promise(
        "disk-full-backups",
        "The disk of the backups is full",
        "Nothing; the backup says that it was given up",
        "The backups before; no half of a new one",
        (
            "promises/test_full_disks.py::test_a_backup_is_given_up_whole_and_the_ones_before_stay",
            "background_tasks/backups/test_kills.py"
            "::test_killed_anywhere_there_is_no_half_of_a_backup_and_no_half_of_a_restore",
        ),
        rarity=2,
    ),
    Promise(
        "clock-forward",
        "The clock jumps forward by a minute to a day, and back",
        "Access tokens expire: 401 `invalid_token`, and a log-in or a refresh gives a new one",
        "Everything. Leases end early, and who lost one publishes nothing; a job's newest missed slot is run",
        (
            "rag/test_worker.py::test_a_worker_whose_lease_was_taken_over_publishes_nothing",
            "background_tasks/test_scheduler.py::test_after_a_pause_the_newest_missed_slot_is_run",
            "contracts/test_leader_locks.py::test_by_its_own_clock_it_leads_no_longer_than_its_term",
        ),
        within=20,
        clock=True,
    ),
    Promise(
        "clock-back",
        "The clock jumps back by a minute to a day, and forward",
        "Tokens of before are refused (401 `invalid_token`); limits count by the clock of Redis",
        "Everything. No slot is run twice",
        (
            "rag/test_worker.py::test_what_a_worker_holds_is_free_when_its_lease_ends",
            "background_tasks/test_scheduler.py::test_of_several_schedulers_one_runs_each_slot",
        ),
        within=20,
        clock=True,
    ),
    _mistral("hangs", "Mistral takes requests and never answers", _MODEL, _ALONE, within=45),
    _mistral("busy", "Mistral answers 429: come back in a second"),
    _mistral(
        "busy-for-a-day",
        "Mistral answers 429: come back tomorrow",
        "rag/test_mistral_failures.py::test_a_wait_past_the_deadline_is_not_begun",
        _ALONE,
    ),
    _mistral("fails", "Mistral answers 500"),
    _mistral("malformed", "Mistral's answers are no JSON"),
    _mistral(
        "wrong-count",
        "Mistral makes a vector too few",
        "rag/test_mistral_failures.py::test_a_passing_failure_is_tried_again",
    ),
    _mistral(
        "wrong-length",
        "Mistral's vectors have another length",
        "promises/test_services_left_alone.py::test_vectors_of_another_length",
    ),
    _mistral(
        "drips",
        "Mistral's answers come in drops",
        "contracts/test_generators.py::test_the_timeout_is_for_all_of_the_answer",
        "rag/test_mistral_failures.py::test_a_lasting_failure_ends_with_the_timeout",
        within=45,
    ),
    _mistral("cuts", "Mistral's connections break in the midst of an answer"),
    _mistral(
        "truncates",
        "Mistral's answers end too early",
        _MODEL,
        "contracts/test_generators.py::test_an_answer_that_ends_before_its_finish_is_truncated",
    ),
    _mistral(
        "stalls",
        "Mistral falls silent in the midst of an answer",
        "contracts/test_generators.py::test_the_timeout_is_for_all_of_the_answer",
        within=45,
    ),
    _mistral(
        "refuses",
        "Mistral refuses connections",
        "contracts/test_generators.py::test_a_service_that_is_not_there_is_unavailable",
        "rag/test_mistral_failures.py::test_a_service_that_is_not_there_is_unavailable",
    ),
    _mistral("cut-off", "The network to Mistral swallows packets", _MODEL, _ALONE, within=45),
    _pinecone("hangs", "Pinecone takes requests and never answers", within=45),
    _pinecone(
        "busy",
        "Pinecone answers 429: come back tomorrow",
        "rag/test_pinecone_failures.py::test_a_wait_beyond_the_deadline_is_not_begun",
        _STORE,
    ),
    _pinecone("fails", "Pinecone answers 500"),
    _pinecone(
        "malformed",
        "Pinecone's answers are no JSON",
        _DELETED,
        "rag/test_pinecone_failures.py::test_a_passing_failure_is_tried_again",
    ),
    _pinecone(
        "drips",
        "Pinecone's answers come in drops",
        "rag/test_pinecone_failures.py::test_a_service_that_does_not_get_done_ends_with_the_deadline",
        within=45,
    ),
    _pinecone(
        "loses-vectors",
        "Pinecone stores fewer vectors than it was given",
        "rag/test_pinecone_failures.py::test_a_batch_that_fails_for_good_raises",
        "rag/test_integrity.py::test_faults_at_pinecone_are_found_and_mended",
    ),
    _pinecone(
        "refuses",
        "Pinecone refuses connections",
        "rag/test_pinecone_failures.py::test_a_service_that_cannot_be_reached_is_unavailable",
        _STORE,
    ),
    _pinecone("cut-off", "The network to Pinecone swallows packets", within=45),
    Promise(
        "pinecone-stale",
        "Pinecone shows what was written ten seconds later",
        "New passages are found by words at first; what was deleted is never shown",
        "Everything",
        ("rag/test_deletion.py::test_a_deleted_document_is_not_shown_while_the_service_still_names_it",),
        stores=("pinecone",),
    ),
    Promise(
        "killed-server",
        "The server is killed",
        _BROKEN,
        _BUT_A_SECOND,
        (_SERVERS,),
        breaks=True,
        within=30,
    ),
    Promise(
        "killed-server-process",
        "Processes of the server are killed, which its first process replaces",
        _BROKEN,
        _BUT_A_SECOND,
        (_SERVERS,),
        breaks=True,
        within=30,
    ),
    Promise(
        "killed-worker",
        "A worker is killed, and another",
        "Nothing",
        "What they held is taken up by the next one, as soon as it has started",
        (_KILLS, "rag/test_worker.py::test_what_a_dead_process_held_is_free_at_once"),
        within=30,
    ),
    Promise("killed-scheduler", "The scheduler is killed", "Nothing", "Its runs are begun again", _LEADERS, within=30),
    Promise(
        "killed-parser",
        "Processes that read files are killed",
        "Nothing",
        "The file is read again by the next one; what kills each of them fails alone",
        (
            "documents/test_loading_processes.py::test_a_crash_fails_one_file",
            "documents/test_loading_processes.py::test_a_parser_that_somebody_kills_costs_no_file",
        ),
    ),
    Promise(
        "ended-server",
        "The server is told to end, and started",
        _BROKEN,
        "What was acknowledged; answers that are being written are saved as they are",
        (_SERVERS,),
        breaks=True,
        within=30,
    ),
    Promise(
        "ended-worker",
        "A worker is told to end, and started",
        "Nothing",
        "What it held is given back at once",
        ("rag/test_worker.py::test_indexing_again_after_a_stop_gives_the_same_chunks",),
        within=30,
    ),
    Promise(
        "ended-scheduler",
        "The scheduler is told to end, and started",
        "Nothing",
        "Runs that were told to stop are begun again",
        ("background_tasks/test_scheduler.py::test_a_run_that_is_told_to_stop_is_begun_again_by_the_next_scheduler",),
        within=30,
    ),
    Promise(
        "frozen-worker",
        "A worker stops for longer than its lease and goes on",
        "Nothing",
        "Another does its work; it publishes nothing once awake",
        ("rag/test_worker.py::test_a_worker_whose_lease_was_taken_over_publishes_nothing",),
    ),
    Promise(
        "frozen-scheduler",
        "The scheduler stops for longer than its term and goes on",
        "Nothing",
        "No slot is run twice",
        (
            "background_tasks/test_scheduler.py"
            "::test_a_frozen_leaders_run_is_made_by_the_next_one_and_it_does_nothing_once_awake",
        ),
    ),
    Promise(
        "indexes-damaged",
        "Bytes of index files are changed",
        "Answers by the other half of the search",
        "Everything: the index is made anew from the database, at the next write that meets the damage or at night",
        (
            "rag/test_integrity.py::test_a_damaged_file_of_the_lexical_index_is_made_anew",
            "rag/test_integrity.py::test_a_damaged_segment_is_dropped_and_filled_again",
            "rag/test_faiss_store.py::test_a_flipped_bit_is_found_by_verify",
        ),
        within=45,
        rarity=2,
    ),
    Promise(
        "indexes-cut-short",
        "Index files lose their ends",
        "Answers by the other half of the search; a process that reads the lost end may be started anew",
        "The same",
        ("rag/test_faiss_store.py::test_a_missing_or_short_file_is_reported_as_damage",),
        breaks=True,
        within=45,
        rarity=2,
    ),
    Promise(
        "power-cut",
        "Everything is killed at once, PostgreSQL and Redis too",
        _BROKEN,
        "What was acknowledged. Answers that were being written end as failed within 90 s",
        (_SERVERS, _KILLS),
        breaks=True,
        refusals=_DATABASE | _LIMITS,
        within=40,
        slowest=35,
    ),
)
MEASURED = tuple(row for row in PROMISES if row.measured)


def table() -> str:
    """As docs/faults.md has it."""
    lines = ["| row | fault | what users meet | what is kept | works again within |", "|---|---|---|---|---|"]
    lines += [f"| `{row.name}` | {row.fault} | {row.seen} | {row.kept} | {row.within:g} s |" for row in PROMISES]
    return "\n".join(lines) + "\n"
