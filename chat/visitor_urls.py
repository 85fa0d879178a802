"""Addresses of the visitors' chat, below ``api/chatbot/``. Those that pages of other websites reach are named in
CORS_URLS_REGEX, too."""

from django.urls import path

from chat.visitors import answer_views, views

ANSWER = "session/<uuid:session_id>/messages/<uuid:message_id>"

urlpatterns = [
    path("ask/", views.VisitorAsk.as_view(), name="visitor-ask"),
    path("session/<uuid:session_id>/", views.VisitorSession.as_view(), name="visitor-session"),
    path("session/<uuid:session_id>/claim/", views.VisitorSessionClaim.as_view(), name="visitor-session-claim"),
    path(f"{ANSWER}/regenerate/", answer_views.VisitorRegenerate.as_view(), name="visitor-regenerate"),
    path(f"{ANSWER}/stop/", answer_views.VisitorStop.as_view(), name="visitor-stop"),
    path(f"{ANSWER}/feedback/", answer_views.VisitorFeedback.as_view(), name="visitor-feedback"),
    path("suggestions/", views.VisitorSuggestions.as_view(), name="visitor-suggestions"),
]
