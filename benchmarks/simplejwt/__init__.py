"""The product with simplejwt's own exchange of refresh tokens beside ours, for :mod:`benchmarks.refreshes`."""
