"""What can go wrong with what runs by the clock, and with what is watched."""

from utils.errors import Unavailable


class NotReady(Unavailable):
    code = "not_ready"
    title = "Nothing can be served now"
    logged = False  # a probe comes every few seconds
