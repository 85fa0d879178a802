"""Telling a question that the knowledge base answers from one that it does not."""
