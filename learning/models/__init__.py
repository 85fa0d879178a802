"""What is taught, to whom, and how far they have come."""

from learning.models.agents import Agent as Agent
from learning.models.agents import Interaction as Interaction
from learning.models.agents import Length as Length
from learning.models.agents import Personality as Personality
from learning.models.agents import Preferences as Preferences
from learning.models.agents import QuizFrequency as QuizFrequency
from learning.models.courses import Course as Course
from learning.models.courses import CourseState as CourseState
from learning.models.courses import Difficulty as Difficulty
from learning.models.courses import Module as Module
from learning.models.courses import Rating as Rating
from learning.models.courses import Topic as Topic
from learning.models.courses import Video as Video
from learning.models.insights import Insight as Insight
from learning.models.insights import InsightKind as InsightKind
from learning.models.learners import Certificate as Certificate
from learning.models.learners import Enrolment as Enrolment
from learning.models.learners import EnrolmentStatus as EnrolmentStatus
from learning.models.learners import Learner as Learner
from learning.models.learners import Tier as Tier
from learning.models.learners import TopicCompletion as TopicCompletion
from learning.models.transcripts import Transcript as Transcript
