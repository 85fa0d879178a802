"""Pages of documents and their versions. What the site itself makes of the models comes after these."""

from django.urls import path

from documents.admin import versions

_DOCUMENT = "documents/document/<uuid:document_id>/"
_VERSION = f"{_DOCUMENT}versions/<int:number>/"

urlpatterns = [
    path(f"{_DOCUMENT}versions/new/", versions.version_new, name="admin-version-new"),
    path(f"{_VERSION}publish/", versions.version_publish, name="admin-version-publish"),
    path(f"{_VERSION}discard/", versions.version_discard, name="admin-version-discard"),
    path(f"{_VERSION}diff/", versions.version_diff, name="admin-version-diff"),
    path(f"{_VERSION}chunks/", versions.version_chunks, name="admin-version-chunks"),
    path(f"{_VERSION}file/", versions.version_file, name="admin-version-file"),
    path("documents/chunk/<str:chunk_id>/", versions.chunk, name="admin-chunk"),
]
