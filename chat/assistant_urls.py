from django.urls import path

from chat.assistant_views import AssistantFeedback, AssistantHistory, AssistantQuery

urlpatterns = [
    path("query/", AssistantQuery.as_view(), name="assistant-query"),
    path("history/", AssistantHistory.as_view(), name="assistant-history"),
    path("feedback/<uuid:message_id>/", AssistantFeedback.as_view(), name="assistant-feedback"),
]
