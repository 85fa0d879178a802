from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = "People"

    def ready(self) -> None:
        from users import checks  # noqa: F401  importing it registers the checks, which must wait for the settings
