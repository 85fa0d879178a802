"""What can be wrong with tutoring beside what can be wrong anywhere."""

from utils.errors import Conflict


class SessionEnded(Conflict):
    code = "session_ended"
    title = "The tutoring session has ended"
