"""Base classes of what is on the admin site, in its theme.

The theme's package has no types; for the type checker these are Django's own classes, which they extend.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin, TabularInline

__all__ = ["ModelAdmin", "TabularInline"]
