from django.urls import path

from documents.sources import views

urlpatterns = [
    path("sources/", views.SourceList.as_view(), name="sources"),
    path("sources/<uuid:source_id>/", views.SourceDetail.as_view(), name="source"),
    path("sources/<uuid:source_id>/sync/", views.SourceSync.as_view(), name="source-sync"),
    path("sources/<uuid:source_id>/runs/", views.SourceRunList.as_view(), name="source-runs"),
    path("sources/<uuid:source_id>/secret/", views.SourceSecret.as_view(), name="source-secret"),
    path("hooks/<uuid:source_id>/", views.Hook.as_view(), name="source-hook"),
]
