from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = "People"

    def ready(self) -> None:
        # Importing them registers them, which must wait for the settings.
        from users import audit_guard, checks, openapi  # noqa: F401
        from users.sso import checks as sso_checks  # noqa: F401

        pre_migrate.connect(audit_guard.lift_before, sender=self)
        post_migrate.connect(audit_guard.lay, sender=self)
