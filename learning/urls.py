from django.urls import include, path

urlpatterns = [
    path("", include("learning.courses.urls")),
]
