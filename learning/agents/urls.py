from django.urls import path

from learning.agents import record_views, views

_INTERACTION = "agents/interactions/<int:interaction_id>/"

urlpatterns = [
    path("agents/hint/", views.Hint.as_view()),
    path("agents/quiz/", views.Quiz.as_view()),
    path("agents/reflect/", views.Reflect.as_view()),
    path("agents/path/", views.Path.as_view()),
    path("agents/interactions/", record_views.InteractionList.as_view()),
    path(f"{_INTERACTION}answer/", record_views.QuizAnswer.as_view()),
    path(f"{_INTERACTION}rating/", record_views.InteractionRating.as_view()),
    path("preferences/", record_views.PreferencesDetail.as_view()),
]
