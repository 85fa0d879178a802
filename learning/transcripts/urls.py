from django.urls import path

from learning.transcripts import views

urlpatterns = [
    path("videos/<int:video_id>/transcripts/", views.TranscriptList.as_view()),
    path("videos/<int:video_id>/transcripts/<int:number>/publish/", views.TranscriptPublish.as_view()),
    path("videos/<int:video_id>/search/", views.VideoSearch.as_view()),
]
