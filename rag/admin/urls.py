"""Pages of the knowledge base as a whole. What the site itself makes of the models comes after these."""

from django.urls import path

from rag.admin import gap_pages, playground, questions, status, upload

urlpatterns = [
    path("upload/", upload.upload, name="admin-upload"),
    path("upload/<uuid:job_id>/", upload.job, name="admin-job"),
    path("playground/", playground.playground, name="admin-playground"),
    path("gaps/", gap_pages.gaps, name="admin-gaps"),
    path("gaps/draft/", gap_pages.draft, name="admin-gaps-draft"),
    path("gaps/resolve/", gap_pages.resolve, name="admin-gaps-resolve"),
    path("status/", status.status, name="admin-status"),
    path("documents/question/ask/", questions.questions_ask, name="admin-questions-ask"),
    path("documents/question/runs/", questions.runs, name="admin-question-runs"),
    path("documents/question/runs/<int:run_id>/", questions.run, name="admin-question-run"),
]
