"""Patterns in what learners do: for each of them their own, for teachers what their courses' topics have in common."""
