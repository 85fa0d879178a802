"""What is said in the videos of a course: taken in, searched, and cited with the time."""
