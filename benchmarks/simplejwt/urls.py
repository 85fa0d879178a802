from django.urls import path
from rest_framework_simplejwt.views import TokenRefreshView

from config.urls import urlpatterns as ours

urlpatterns = [path("simplejwt/refresh/", TokenRefreshView.as_view()), *ours]
