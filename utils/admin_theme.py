"""Base classes of what is on the admin site, in its theme.

The theme's package has no types; for the type checker these are Django's own classes, which they extend.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin as ThemedAdmin
    from unfold.admin import TabularInline

    class ModelAdmin(ThemedAdmin):
        """Leaves nothing in Django's own log of changes, which would keep the words of what is deleted for ever.

        The services write the audit trail, whoever calls them.
        """

        def log_addition(self, *_: Any) -> None: ...

        def log_change(self, *_: Any) -> None: ...

        def log_deletions(self, *_: Any) -> None: ...


__all__ = ["ModelAdmin", "TabularInline"]
