"""The admin site's pages that search: upload and its progress, playground, golden questions, state of the indexes."""

from rag.admin import gaps, questions

__all__ = ["gaps", "questions"]
