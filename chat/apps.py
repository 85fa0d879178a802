from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Conversations"

    def ready(self) -> None:
        from chat.exchanges import close_stale_when_idle
        from rag.signals import worker_idle

        worker_idle.connect(close_stale_when_idle)
