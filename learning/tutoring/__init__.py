"""Tutoring: a topic is explained and asked about until it is mastered, which the server judges (docs/tutoring.md)."""
