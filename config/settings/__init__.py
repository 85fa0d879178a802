"""Settings, a module for each way of running."""

import config.env  # noqa: F401 - first of all: it says how many threads the libraries below may have
