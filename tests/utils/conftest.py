from collections.abc import Iterator

import pytest

from utils.request_id import RequestIdFilter


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The log, its records with their request ids."""
    request_id = RequestIdFilter()
    caplog.handler.addFilter(request_id)
    yield caplog
    caplog.handler.removeFilter(request_id)
