from django.urls import include, path

from users import views
from users.api_key_views import ApiKeyDetail, ApiKeyList
from users.session_views import LoginSessionDetail, LoginSessionList

urlpatterns = [
    path("register/", views.RegisterView.as_view()),
    path("login/", views.LoginView.as_view()),
    path("refresh/", views.RefreshView.as_view()),
    path("token/refresh/", views.RefreshAliasView.as_view()),
    path("", include("users.second_factor.urls")),
    path("", include("users.sso.urls")),
    path("logout/", views.LogoutView.as_view()),
    path("sessions/", LoginSessionList.as_view()),
    path("sessions/<uuid:session_id>/", LoginSessionDetail.as_view()),
    path("me/", views.ProfileView.as_view()),
    path("keys/", ApiKeyList.as_view()),
    path("keys/<uuid:key_id>/", ApiKeyDetail.as_view()),
]
