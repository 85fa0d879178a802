"""Addresses of tutoring, below ``api/sessions/``, with and without a slash at the end."""

from django.urls import re_path

from learning.tutoring.views import TutoringDetail, TutoringMessageCreate, TutoringStart

_ID = r"(?P<session_id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"

urlpatterns = [
    re_path(r"^start/?$", TutoringStart.as_view(), name="tutoring-start"),
    re_path(rf"^{_ID}/message/?$", TutoringMessageCreate.as_view(), name="tutoring-message"),
    re_path(rf"^{_ID}/?$", TutoringDetail.as_view(), name="tutoring-session"),
]
