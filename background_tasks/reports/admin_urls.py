"""Pages of reports on the admin site."""

from django.urls import path

from background_tasks.reports.pages import report, reports

urlpatterns = [
    path("reports/", reports, name="admin-reports"),
    path("reports/<str:day>/", report, name="admin-report"),
]
