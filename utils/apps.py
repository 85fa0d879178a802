from django.apps import AppConfig


class UtilsConfig(AppConfig):
    name = "utils"

    def ready(self) -> None:
        # Importing them registers them, which must wait for the settings.
        from utils import checks  # noqa: F401
