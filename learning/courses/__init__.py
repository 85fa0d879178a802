"""Courses: what is offered, who takes it, how far they are."""
