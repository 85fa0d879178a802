"""A school to look at: courses, teachers, and students who take them."""
