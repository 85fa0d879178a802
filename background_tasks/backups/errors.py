"""What can be wrong with an archive, or with the place that it is kept in."""

from utils.errors import Conflict, Unavailable


class BackupBroken(Conflict):
    """The archive is not as it was written: damaged, cut short, or none at all."""


class BackupRefused(Conflict):
    """The archive is good, and is not restored here or now."""


class StoreUnavailable(Unavailable):
    """Archives cannot be written, listed or read."""


class BackupStopped(Unavailable):
    """The process is told to end; what was begun is as if it had not been."""
