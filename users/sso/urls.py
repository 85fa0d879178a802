from django.urls import path

from users.sso import views

urlpatterns = [
    path("sso/", views.SsoView.as_view()),
    path("sso/start/", views.SsoStartView.as_view(), name="sso-start"),
    path("sso/callback/", views.SsoCallbackView.as_view(), name="sso-callback"),
    path("sso/exchange/", views.SsoExchangeView.as_view()),
]
