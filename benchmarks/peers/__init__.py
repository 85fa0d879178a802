"""Retrieval beside that of its peers, on the same passages and the same vectors."""
