"""What is taught, to whom, and how far they have come."""

from learning.models.courses import Course as Course
from learning.models.courses import CourseState as CourseState
from learning.models.courses import Difficulty as Difficulty
from learning.models.courses import Module as Module
from learning.models.courses import Rating as Rating
from learning.models.courses import Topic as Topic
from learning.models.courses import Video as Video
from learning.models.learners import Certificate as Certificate
from learning.models.learners import Enrolment as Enrolment
from learning.models.learners import EnrolmentStatus as EnrolmentStatus
from learning.models.learners import Learner as Learner
from learning.models.learners import Tier as Tier
from learning.models.learners import TopicCompletion as TopicCompletion
from learning.models.tutoring import CurriculumDelivery as CurriculumDelivery
from learning.models.tutoring import Level as Level
from learning.models.tutoring import QuestionState as QuestionState
from learning.models.tutoring import Speaker as Speaker
from learning.models.tutoring import TutoringMessage as TutoringMessage
from learning.models.tutoring import TutoringQuestion as TutoringQuestion
from learning.models.tutoring import TutoringSession as TutoringSession
from learning.models.tutoring import TutoringStatus as TutoringStatus
