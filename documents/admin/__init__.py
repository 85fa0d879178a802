"""Documents on the admin site. What is changed here goes through the services, so that the indexes hear of it."""

from documents.admin import collections, documents, sources

__all__ = ["collections", "documents", "sources"]
