from django.urls import include, path

from users import views
from users.api_key_views import ApiKeyDetail, ApiKeyList
from users.mail_views import (
    PasswordChangeView,
    PasswordResetAskView,
    PasswordResetView,
    VerificationAskView,
    VerificationView,
)
from users.personal_data.views import AccountExport
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
    path("verify-email/", VerificationView.as_view()),
    path("verify-email/resend/", VerificationAskView.as_view()),
    path("password/change/", PasswordChangeView.as_view()),
    path("password/reset/", PasswordResetAskView.as_view()),
    path("password/reset/confirm/", PasswordResetView.as_view()),
    path("me/", views.ProfileView.as_view()),
    path("me/export/", AccountExport.as_view()),
    path("keys/", ApiKeyList.as_view()),
    path("keys/<uuid:key_id>/", ApiKeyDetail.as_view()),
]
