from django.urls import path, re_path

from documents.handbook import views

urlpatterns = [
    path("", views.front, name="handbook"),
    re_path(r"^(?P<path>\w+/[\w-]+)\.html$", views.page, name="handbook-page"),
]
