"""What is nobody else's business is masked before text leaves for a provider, and put back in its answer."""
