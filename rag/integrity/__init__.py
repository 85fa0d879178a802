"""Whether the documents, the vectors and every index agree, and the mending of what does not."""
