from django.urls import path

from chat import views
from chat.asking_views import MessageChoose, MessageEdit, MessageRegenerate, MessageStop
from chat.export_views import SessionExport
from chat.feedback_views import MessageFeedback
from chat.quick_reply_views import QuickReplyDetail, QuickReplyList, Suggestions
from chat.replay_views import MessageReplay
from chat.usage_views import UsageToday

urlpatterns = [
    path("history/", views.History.as_view(), name="chat-history"),
    path("sessions/", views.SessionList.as_view(), name="chat-sessions"),
    path("sessions/<uuid:session_id>/", views.SessionDetail.as_view(), name="chat-session"),
    path("sessions/<uuid:session_id>/messages/", views.SessionMessages.as_view(), name="chat-session-messages"),
    path("sessions/<uuid:session_id>/export/", SessionExport.as_view(), name="chat-session-export"),
    path("messages/", views.MessageCreate.as_view(), name="chat-messages"),
    path("messages/<uuid:message_id>/", views.MessageDetail.as_view(), name="chat-message"),
    path("messages/<uuid:message_id>/regenerate/", MessageRegenerate.as_view(), name="chat-message-regenerate"),
    path("messages/<uuid:message_id>/edit/", MessageEdit.as_view(), name="chat-message-edit"),
    path("messages/<uuid:message_id>/choose/", MessageChoose.as_view(), name="chat-message-choose"),
    path("messages/<uuid:message_id>/feedback/", MessageFeedback.as_view(), name="chat-message-feedback"),
    path("messages/<uuid:message_id>/stop/", MessageStop.as_view(), name="chat-message-stop"),
    path("messages/<uuid:message_id>/replay/", MessageReplay.as_view(), name="chat-message-replay"),
    path("suggestions/", Suggestions.as_view(), name="chat-suggestions"),
    path("quick-replies/", QuickReplyList.as_view(), name="chat-quick-replies"),
    path("quick-replies/<int:pk>/", QuickReplyDetail.as_view(), name="chat-quick-reply"),
    path("usage/", UsageToday.as_view(), name="chat-usage"),
]
