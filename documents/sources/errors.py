"""Why a source cannot be synced. The code is kept with the source and its run, where its editors see it."""

from utils.errors import GroundedError


class SourceError(GroundedError):
    """Base of what ends a sync. What was taken in before it stays; nothing is removed."""

    status = 422
    code = "source_unavailable"
    title = "The source cannot be synced"


class SourceUnavailable(SourceError):
    """It does not answer, or fails. It may answer the next time."""


class SourceNotFound(SourceError):
    code = "source_not_found"


class SourceBroken(SourceError):
    """What it says of itself cannot be read."""

    code = "source_broken"


class SourceLimit(SourceError):
    """It holds more than a sync takes."""

    code = "source_limit"


class AddressRefused(SourceError):
    """The server must not be led to this address."""

    code = "address_refused"


class RobotsRefused(SourceError):
    code = "robots_refused"


class ToolMissing(SourceError):
    code = "tool_missing"


class TooManyRemoved(SourceError):
    code = "too_many_removed"
