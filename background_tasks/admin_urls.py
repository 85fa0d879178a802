"""What the site itself makes of the models comes after these."""

from django.urls import path

from background_tasks.admin import job_run

urlpatterns = [path("background_tasks/job/<slug:name>/run/", job_run, name="admin-job-run")]
