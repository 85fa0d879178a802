from django.urls import path

from background_tasks.reports.views import ReportDetail, ReportList

urlpatterns = [
    path("", ReportList.as_view(), name="reports"),
    path("<str:date>/", ReportDetail.as_view(), name="report"),
]
