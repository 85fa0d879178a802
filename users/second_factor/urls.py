from django.urls import path

from users.second_factor import views

urlpatterns = [
    path("login/totp/", views.LoginCodeView.as_view()),
    path("totp/", views.SecondFactorView.as_view()),
    path("totp/confirm/", views.SecondFactorConfirmView.as_view()),
    path("totp/disable/", views.SecondFactorDisableView.as_view()),
]
