"""What rooms that use this one may want to know."""

from django.dispatch import Signal

worker_idle = Signal()
"""A worker has found nothing to do; it looks again in a second or so."""
