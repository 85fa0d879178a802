"""Courses and who takes them on the admin site, for admins. Their parts and material are made by the API."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from learning.courses import services
from learning.courses.catalogue import with_figures
from learning.courses.selectors import outline_of
from learning.models import Course, Enrolment
from users.editor_pages import AdminsMixin, ServiceErrorsMixin, editor_of
from users.models import Role, User
from utils.admin_theme import ModelAdmin, ModelForm
from utils.errors import GroundedError


class CourseForm(ModelForm[Course]):
    class Meta:
        model = Course
        fields: ClassVar[list[str]] = [
            "title",
            "description",
            "category",
            "difficulty",
            "price",
            "state",
            "instructor",
        ]

    def clean_instructor(self) -> User:
        found: User | None = self.cleaned_data["instructor"]
        if found is None or found.role not in (Role.TEACHER, Role.ADMIN):
            raise forms.ValidationError("Choose a teacher or an admin.")
        return found


@admin.register(Course)
class CourseAdmin(AdminsMixin, ServiceErrorsMixin, ModelAdmin[Course]):
    form = CourseForm
    list_display = ("title", "category", "difficulty", "price", "state", "instructor", "members", "rating")
    list_filter = ("state", "difficulty", "category")
    search_fields = ("title", "category", "instructor__username")
    autocomplete_fields = ("instructor",)
    readonly_fields = ("outline",)
    actions = ("approve", "withdraw")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        return with_figures(super().get_queryset(request))

    @admin.display(description="Members")
    def members(self, course: Any) -> int:
        return int(course.members)

    @admin.display(description="Rating", empty_value="—")
    def rating(self, course: Any) -> str | None:
        return f"{course.rating:.1f} of {course.ratings_given}" if course.rating else None

    @admin.display(description="Modules and topics", empty_value="—")
    def outline(self, course: Course) -> str | None:
        if course._state.adding:
            return None
        told = (
            (module.title, ", ".join(topic.title for topic in module.topics.all())) for module in outline_of(course)
        )
        return format_html_join("", "<p><b>{}</b>: {}</p>", told) or None

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in CourseForm.Meta.fields}
        state = fields.pop("state")
        course = Course.objects.get(pk=obj.pk) if change else Course()
        obj.pk = services.course_save(actor=editor_of(request), course=course, **fields).pk
        approved = services.course_approve if state == "approved" else services.course_withdraw
        approved(actor=editor_of(request), course=course)

    def delete_model(self, request: HttpRequest, obj: Course) -> None:
        services.course_delete(actor=editor_of(request), course=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Course]) -> None:
        for course in queryset:
            try:
                self.delete_model(request, course)
            except GroundedError as error:
                messages.error(request, f"{course}: {error.detail}")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a course needs no permission of its own."""
        told = [f"{course} with its material and its members' progress" for course in objs]
        return told, {Course._meta.verbose_name_plural: len(told)}, set(), []

    @admin.action(description="Approve the selected courses")
    def approve(self, request: HttpRequest, courses: QuerySet[Course]) -> None:
        for course in courses:
            services.course_approve(actor=editor_of(request), course=course)

    @admin.action(description="Withdraw the selected courses")
    def withdraw(self, request: HttpRequest, courses: QuerySet[Course]) -> None:
        for course in courses:
            services.course_withdraw(actor=editor_of(request), course=course)


@admin.register(Enrolment)
class EnrolmentAdmin(AdminsMixin, ServiceErrorsMixin, ModelAdmin[Enrolment]):
    """To be read; to enrol somebody, such as who has paid; and to end it, which keeps what they have completed."""

    list_display = ("user", "course", "status", "progress", "enrolled_at", "completed_at")
    list_filter = ("status", "enrolled_at")
    search_fields = ("user__username", "user__email", "course__title")
    list_select_related = ("user", "course")
    autocomplete_fields = ("user", "course")
    fields = ("user", "course")
    actions = ("leave",)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    has_delete_permission = has_change_permission

    def save_model(self, request: HttpRequest, obj: Enrolment, form: Any, change: bool) -> None:
        obj.pk = services.course_enrol(user=obj.user, course=obj.course, actor=editor_of(request)).pk

    @admin.action(description="End the selected enrolments", permissions=["view"])
    def leave(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        for enrolment in enrolments.select_related("user", "course"):
            services.course_leave(user=enrolment.user, course=enrolment.course, actor=editor_of(request))
