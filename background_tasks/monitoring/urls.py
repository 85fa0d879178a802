from django.urls import re_path

from background_tasks.monitoring.views import ReadyView, metrics

urlpatterns = [
    re_path(r"^api/ready/?$", ReadyView.as_view()),
    re_path(r"^metrics/?$", metrics, name="metrics"),
]
