"""Agents that help while a video is watched: hints, quizzes, questions to reflect on, and what to learn next."""
