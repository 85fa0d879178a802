"""Quizzes without a model: a sentence of the video with a gap, and four terms of one kind of which one fits."""
