"""What the single-question assistant may look up of courses, by the role of who asks."""
