from django.urls import path

from learning.courses import course_views, learner_views, material_views, outline_views

_COURSE = "courses/<int:course_id>/"

urlpatterns = [
    path("courses/", course_views.CourseList.as_view(), name="courses"),
    path(_COURSE, course_views.CourseDetail.as_view(), name="course"),
    path(f"{_COURSE}approve/", course_views.CourseApprove.as_view()),
    path(f"{_COURSE}withdraw/", course_views.CourseWithdraw.as_view()),
    path(f"{_COURSE}enrol/", learner_views.CourseEnrol.as_view()),
    path(f"{_COURSE}leave/", learner_views.CourseLeave.as_view()),
    path(f"{_COURSE}enrolments/", learner_views.CourseEnrolments.as_view()),
    path(f"{_COURSE}ratings/", learner_views.RatingList.as_view()),
    path(f"{_COURSE}rating/", learner_views.OwnRating.as_view()),
    path(f"{_COURSE}materials/", material_views.MaterialList.as_view(), name="course-materials"),
    path(f"{_COURSE}materials/<uuid:material_id>/", material_views.MaterialDetail.as_view()),
    path(f"{_COURSE}modules/", outline_views.ModuleList.as_view()),
    path(f"{_COURSE}modules/order/", outline_views.ModuleOrder.as_view()),
    path("modules/<int:module_id>/", outline_views.ModuleDetail.as_view()),
    path("modules/<int:module_id>/topics/", outline_views.TopicList.as_view()),
    path("modules/<int:module_id>/topics/order/", outline_views.TopicOrder.as_view()),
    path("topics/<int:topic_id>/", outline_views.TopicDetail.as_view()),
    path("topics/<int:topic_id>/videos/", outline_views.VideoList.as_view()),
    path("topics/<int:topic_id>/videos/order/", outline_views.VideoOrder.as_view()),
    path("videos/<int:video_id>/", outline_views.VideoDetail.as_view()),
    path("enrolments/", learner_views.EnrolmentList.as_view()),
    path("certificates/", learner_views.CertificateList.as_view()),
    path("certificates/<uuid:certificate_id>/", learner_views.CertificateVerify.as_view(), name="certificate"),
    path("learner/", learner_views.LearnerDetail.as_view()),
]
