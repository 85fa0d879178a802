"""What a role may do with courses."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.models import ApiKey, Role, User


class IsTeacher(BasePermission):
    """Teachers and admins in person. Which courses they look after, the selectors say."""

    message = "This is for teachers."

    def has_permission(self, request: Request, view: object) -> bool:
        if isinstance(request.auth, ApiKey):
            return False
        return isinstance(request.user, User) and request.user.role in (Role.TEACHER, Role.ADMIN)
