"""The admin site: its theme and its navigation. All of the theme's assets come with its package."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy


def _item(title: str, icon: str, page: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(page),
        "permission": f"users.editor_pages.{permission}",
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Grounded",
    "SITE_HEADER": "Grounded",
    "SITE_SUBHEADER": "Answers from your documents",
    "SITE_SYMBOL": "menu_book",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("utils/icon.svg")}],
    "LOGIN": {"form": "users.second_factor.admin_site.LogInForm"},
    "SHOW_BACK_BUTTON": False,
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "rag.admin.status.start_page",
    "STYLES": [lambda request: static("utils/admin.css")],
    "SCRIPTS": [lambda request: static("utils/admin.js")],
    "COLORS": {
        "primary": {
            "50": "#eef6fb",
            "100": "#d7eaf5",
            "200": "#b3d6ec",
            "300": "#7fbadd",
            "400": "#4698c8",
            "500": "#237db1",
            "600": "#176594",
            "700": "#145178",
            "800": "#154563",
            "900": "#163a53",
            "950": "#0e2537",
        },
    },
    "SIDEBAR": {
        "navigation": [
            {
                "title": "Knowledge base",
                "items": [
                    _item("Documents", "description", "admin:documents_document_changelist", "is_editor"),
                    _item("Upload", "upload_file", "admin-upload", "is_editor"),
                    _item("Collections", "folder", "admin:documents_collection_changelist", "is_editor"),
                    _item("Categories", "label", "admin:documents_category_changelist", "is_editor"),
                    _item("Sources", "sync", "admin:documents_source_changelist", "is_editor"),
                    _item("Golden questions", "verified", "admin:documents_question_changelist", "is_editor"),
                    _item("Knowledge gaps", "help", "admin:rag_knowledgegap_changelist", "is_editor"),
                    _item("Feedback", "thumbs_up_down", "admin:chat_feedback_changelist", "is_editor"),
                    _item("Quick replies", "quickreply", "admin:chat_quickreply_changelist", "is_editor"),
                    _item("Playground", "science", "admin-playground", "is_editor"),
                    _item("Status", "monitor_heart", "admin-status", "is_editor"),
                ],
            },
            {
                "title": "Courses",
                "separator": True,
                "items": [
                    _item("Courses", "school", "admin:learning_course_changelist", "is_admin"),
                    _item("Enrolments", "how_to_reg", "admin:learning_enrolment_changelist", "is_admin"),
                ],
            },
            {
                "title": "People",
                "separator": True,
                "items": [
                    _item("Messages", "chat", "admin:chat_message_changelist", "is_editor"),
                    _item("Conversations", "forum", "admin:chat_session_changelist", "is_admin"),
                    _item("Tool calls", "function", "admin:chat_toolcall_changelist", "is_admin"),
                    _item("Usage", "data_usage", "admin:chat_usage_changelist", "is_admin"),
                    _item("Visitors' usage", "public", "admin:chat_visitorusage_changelist", "is_admin"),
                    _item("Accounts", "group", "admin:users_user_changelist", "is_admin"),
                    _item("API keys", "key", "admin:users_apikey_changelist", "is_admin"),
                    _item("Audit trail", "history", "admin:users_auditentry_changelist", "is_admin"),
                ],
            },
        ],
    },
}
