from django.urls import path

from background_tasks.views import JobList, JobRunNow

urlpatterns = [
    path("", JobList.as_view()),
    path("<slug:name>/run/", JobRunNow.as_view()),
]
