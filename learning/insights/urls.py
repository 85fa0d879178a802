from django.urls import path

from learning.insights import views

urlpatterns = [
    path("insights/", views.InsightList.as_view()),
    path("insights/<int:insight_id>/dismiss/", views.InsightDismiss.as_view()),
    path("courses/<int:course_id>/struggles/", views.CourseStruggles.as_view()),
]
