from django.apps import AppConfig


class BackgroundTasksConfig(AppConfig):
    name = "background_tasks"
    verbose_name = "Background tasks"

    def ready(self) -> None:
        from background_tasks import checks  # noqa: F401 - importing registers them
