"""Pages that need to know what was asked. What the site itself makes of the models comes after these."""

from django.urls import path

from chat.admin.impact import impact
from chat.admin.replay import replay

urlpatterns = [
    path("documents/document/<uuid:document_id>/versions/<int:number>/impact/", impact, name="admin-version-impact"),
    path("chat/message/<uuid:message_id>/replay/", replay, name="admin-message-replay"),
]
