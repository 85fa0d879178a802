"""Whether a passage says what an answer says it does."""
