from django.urls import path

from users.second_factor.admin_site import site_code, site_log_in

urlpatterns = [
    path("login/", site_log_in),
    path("second-factor/", site_code, name="admin-second-factor"),
]
