"""The handbook as pages: the Markdown of documents/library/, as the bot answers from it, to read in a browser."""
