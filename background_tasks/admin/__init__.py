"""What runs by the clock, and how it all is, on the admin site."""

from background_tasks.admin import start  # noqa: F401 - it names the start page
