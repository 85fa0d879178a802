from django.apps import AppConfig


class BackgroundTasksConfig(AppConfig):
    name = "background_tasks"
