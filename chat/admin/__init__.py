"""Conversations on the admin site, and what publishing a version would change for what people really ask."""

from chat.admin import feedback, messages, quick_replies, sessions, tool_calls, usage

__all__ = ["feedback", "messages", "quick_replies", "sessions", "tool_calls", "usage"]
