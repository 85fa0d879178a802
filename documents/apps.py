from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Knowledge base"

    def ready(self) -> None:
        from documents import checks  # noqa: F401 - importing registers them
