from django.urls import include, path

from documents import views

urlpatterns = [
    path("", include("documents.sources.urls")),
    path("", views.DocumentList.as_view(), name="documents"),
    path("collections/", views.CollectionList.as_view(), name="collections"),
    path("collections/<slug:slug>/", views.CollectionDetail.as_view(), name="collection"),
    path("<uuid:document_id>/", views.DocumentDetail.as_view(), name="document"),
    path("<uuid:document_id>/versions/", views.VersionList.as_view(), name="document-versions"),
    path("<uuid:document_id>/chunks/", views.ChunkList.as_view(), name="document-chunks"),
    path("<uuid:document_id>/file/", views.DocumentFile.as_view(), name="document-file"),
]
