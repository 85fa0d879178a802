from django.urls import include, path

urlpatterns = [
    path("", include("learning.courses.urls")),
    path("", include("learning.transcripts.urls")),
    path("", include("learning.agents.urls")),
    path("", include("learning.insights.urls")),
]
