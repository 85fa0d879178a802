"""What people and visitors may ask."""

from typing import Any

from config.settings.environment import ENV

# What people may ask (chat/quotas.py). A role that is not named has what a user has; 0 is no limit.
CHAT: dict[str, Any] = {
    "MESSAGES_A_MINUTE": ENV.messages_a_minute,
    "TOKENS_A_DAY": {
        "user": ENV.tokens_a_day_user,
        "editor": ENV.tokens_a_day_editor,
        "admin": ENV.tokens_a_day_admin,
    },
    # What the single-question assistant may call (chat/tools/). Without a model, the first that fits is called.
    # One of a role comes before one of everybody: to a teacher, "my courses" are those that they teach.
    "TOOLS": [
        "chat.tools.recent.my_recent_questions",
        "learning.tools.platform.platform_statistics",
        "learning.tools.platform.courses_below_completion",
        "learning.tools.platform.student_progress",
        "learning.tools.platform.teacher_statistics",
        "learning.tools.teaching.my_course_statistics",
        "learning.tools.learners.my_enrolments",
        "learning.tools.learners.my_progress",
        "learning.tools.catalogue.top_rated_courses",
        "learning.tools.catalogue.trending_courses",
        "learning.tools.instructors.top_instructors",
        "learning.tools.instructors.instructor_info",
        "learning.tools.instructors.instructor_courses",
        "learning.tools.catalogue.course_details",
        "learning.tools.catalogue.find_courses",
        "chat.tools.knowledge.search_knowledge_base",
    ],
    # What a model is told of whoever asks (learning/tools/context.py); empty: nothing.
    "CONTEXT": "learning.tools.context.context_of",
    "MOST_TOOL_CALLS": 4,
    "TOOL_SECONDS": 20.0,
}

# Knows the times of what is cited from a video (chat/places.py).
CITATION_PLACES = "learning.transcripts.moments.moments"

# People on websites, without an account (chat/visitors/). The pages of other websites reach these addresses alone.
VISITORS: dict[str, Any] = {
    "TOKEN_MINUTES": ENV.visitor_token_minutes,
    "MESSAGES_A_MINUTE": ENV.visitor_messages_a_minute,
    "TOKENS_A_DAY": ENV.visitor_tokens_a_day,
    "KEPT_DAYS": ENV.visitor_kept_days,
}
