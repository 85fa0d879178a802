"""Base classes of what is on the admin site, in its theme, written with their model as in ``ModelAdmin[User]``.

The theme's package has no types; for the type checker these are Django's own classes, which they extend.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.forms import ModelForm
else:
    from django import forms
    from unfold import admin

    class _OfAModel:
        def __class_getitem__(cls, _: Any) -> type:
            return cls

    class ModelAdmin(_OfAModel, admin.ModelAdmin):
        """Leaves nothing in Django's own log of changes, which would keep the words of what is deleted for ever.

        The services write the audit trail, whoever calls them.
        """

        def log_addition(self, *_: Any) -> None: ...

        def log_change(self, *_: Any) -> None: ...

        def log_deletions(self, *_: Any) -> None: ...

    class TabularInline(_OfAModel, admin.TabularInline):
        pass

    class ModelForm(_OfAModel, forms.ModelForm):
        pass


__all__ = ["ModelAdmin", "ModelForm", "TabularInline"]
