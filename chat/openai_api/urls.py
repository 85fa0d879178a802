from django.urls import path

from chat.openai_api import views

urlpatterns = [
    path("chat/completions", views.Completions.as_view(), name="openai-completions"),
    path("models", views.Models.as_view(), name="openai-models"),
    path("models/<str:model>", views.Model.as_view(), name="openai-model"),
    path("<path:rest>", views.Unknown.as_view()),
]
