from django.urls import include, path

from documents import question_views, version_views, views

_VERSION = "<uuid:document_id>/versions/<int:number>/"

urlpatterns = [
    path("", include("documents.sources.urls")),
    path("", views.DocumentList.as_view(), name="documents"),
    path("collections/", views.CollectionList.as_view(), name="collections"),
    path("collections/<slug:slug>/", views.CollectionDetail.as_view(), name="collection"),
    path("questions/", question_views.QuestionList.as_view(), name="questions"),
    path("questions/<uuid:question_id>/", question_views.QuestionDetail.as_view(), name="question"),
    path("<uuid:document_id>/", views.DocumentDetail.as_view(), name="document"),
    path("<uuid:document_id>/chunks/", version_views.ChunkList.as_view(), name="document-chunks"),
    path("<uuid:document_id>/file/", version_views.DocumentFile.as_view(), name="document-file"),
    path("<uuid:document_id>/versions/", version_views.VersionList.as_view(), name="document-versions"),
    path(_VERSION, version_views.VersionDetail.as_view(), name="document-version"),
    path(f"{_VERSION}publish/", version_views.VersionPublish.as_view(), name="document-version-publish"),
    path(f"{_VERSION}diff/", version_views.VersionDiff.as_view(), name="document-version-diff"),
]
