"""Follow-ups: a question that leans on the conversation, made one that can be searched for and answered by itself."""
