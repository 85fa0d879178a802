"""Conversations on the admin site, and what publishing a version would change for what people really ask."""

from chat.admin import sessions

__all__ = ["sessions"]
