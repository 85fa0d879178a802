from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = "People"

    def ready(self) -> None:
        # Importing them registers them, which must wait for the settings.
        from users import checks, openapi  # noqa: F401
        from users.sso import checks as sso_checks  # noqa: F401
