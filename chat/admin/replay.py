"""What an answer was made of, on the admin site."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from chat.replaying import answer_replay
from users.editor_pages import editor_page, render_page


@editor_page
def replay(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    found = answer_replay(message_id=message_id)
    return render_page(request, "chat/admin/replay.html", title="What this answer was made of", replay=found)
