"""Why an agent has nothing to say."""

from utils.errors import Conflict, InvalidInput


class NothingSaid(InvalidInput):
    """There are no words to go by: no transcript, and none came with the request."""

    status = 422
    code = "nothing_said"
    title = "Nothing is known of what is said there"


class NoQuiz(InvalidInput):
    status = 422
    code = "no_quiz"
    title = "There is nothing to ask about this part"


class AnsweredAlready(Conflict):
    code = "answered_already"
