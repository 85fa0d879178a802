"""What monitors ask: whether the product can serve, and its numbers."""
