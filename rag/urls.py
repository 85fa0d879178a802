from django.urls import path

from rag import gap_views, question_views, views

urlpatterns = [
    path("search/", views.SearchView.as_view(), name="search"),
    path("index/", views.IndexView.as_view(), name="index"),
    path("index/<uuid:job_id>/", views.JobView.as_view(), name="index-job"),
    path("status/", views.StatusView.as_view(), name="index-status"),
    path("question-runs/", question_views.QuestionRunList.as_view(), name="question-runs"),
    path("question-runs/<int:run_id>/", question_views.QuestionRunDetail.as_view(), name="question-run"),
    path("gaps/", gap_views.KnowledgeGapList.as_view(), name="knowledge-gaps"),
    path("gaps/groups/", gap_views.KnowledgeGapGroups.as_view(), name="knowledge-gap-groups"),
    path("gaps/<int:gap_id>/", gap_views.KnowledgeGapDetail.as_view(), name="knowledge-gap"),
]
