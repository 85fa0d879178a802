from django.urls import re_path

from utils.views import HealthView

urlpatterns = [
    re_path(r"^health/?$", HealthView.as_view()),
]
