"""Functions that a model may have called for a user."""
