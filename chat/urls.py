from django.urls import path

from chat import views
from chat.replay_views import MessageReplay

urlpatterns = [
    path("history/", views.History.as_view(), name="chat-history"),
    path("sessions/", views.SessionList.as_view(), name="chat-sessions"),
    path("sessions/<uuid:session_id>/", views.SessionDetail.as_view(), name="chat-session"),
    path("sessions/<uuid:session_id>/messages/", views.SessionMessages.as_view(), name="chat-session-messages"),
    path("messages/", views.MessageCreate.as_view(), name="chat-messages"),
    path("messages/<uuid:message_id>/", views.MessageDetail.as_view(), name="chat-message"),
    path("messages/<uuid:message_id>/replay/", MessageReplay.as_view(), name="chat-message-replay"),
]
