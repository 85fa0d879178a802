#!/usr/bin/env python
"""Django's command line, with the local settings unless told otherwise."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    gc.disable()  # whatever is loaded stays: to look through it again and again takes a tenth of a start
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        django.setup()
        gc.freeze()
        gc.enable()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Misconfigured: {error}")


if __name__ == "__main__":
    main()
