from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "learning"

    def ready(self) -> None:
        from learning.tutoring.outbox import send_when_idle
        from rag.signals import worker_idle

        worker_idle.connect(send_when_idle)
