"""Tutoring and the learning agents."""

from typing import Any

from config.settings.environment import ENV

# Tutoring, and where its topics come from (learning/tutoring/curriculum/).
TUTORING: dict[str, Any] = {
    "MARKER": ENV.tutor_marker,
    "IDLE_DAYS": ENV.tutor_idle_days,
    "CURRICULUM": (
        "learning.tutoring.curriculum.remote.RemoteCurriculum"
        if ENV.curriculum_url
        else "learning.tutoring.curriculum.database.DatabaseCurriculum"
    ),
    "CURRICULUM_URL": ENV.curriculum_url,
    "CURRICULUM_API_KEY": ENV.curriculum_api_key,
    "CURRICULUM_SECONDS": ENV.curriculum_seconds,
    # Seconds after each try to tell a completion, the last one again and again; and how long a worker has for a try.
    "DELIVERY_PAUSES": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0],
    "DELIVERY_LEASE": 30.0,
}
# What learners may ask of the agents (learning/agents/limits.py); 0 is no limit.
AGENTS: dict[str, Any] = {
    "CALLS_A_DAY": {
        "free": ENV.agent_calls_a_day_free,
        "plus": ENV.agent_calls_a_day_plus,
        "pro": ENV.agent_calls_a_day_pro,
    },
    "CACHE_SECONDS": ENV.agent_cache_seconds,
}
