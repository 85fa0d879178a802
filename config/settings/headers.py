"""What browsers may do with answers (utils/security_headers.py). A page may also bring a policy of its own, as the web
chat does (chat/pages.py).
"""

_CLOSED = ("frame-ancestors 'none'", "base-uri 'none'")
_PAGE = (
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "form-action 'self'",
    *_CLOSED,
)

CONTENT_SECURITY_POLICIES: dict[str, tuple[str, ...]] = {
    # The theme evaluates the expressions in its attributes (Alpine.js), and has its colours in the page.
    "/admin/": (*_PAGE, "script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"),
    "/api/docs/": (*_PAGE, "script-src 'self'", "style-src 'self'"),
    "/handbook/": (*_PAGE, "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"),
    # It writes its styles into the page, and searches in a worker.
    "/api/redoc/": (*_PAGE, "script-src 'self'", "style-src 'self' 'unsafe-inline'", "worker-src 'self' blob:"),
    # Answers of the API and files are no pages.
    "": ("default-src 'none'", *_CLOSED),
}
"""The beginning of an address → its directives. The first that fits is taken."""

PERMISSIONS_POLICY: tuple[str, ...] = tuple(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
    )
)  # fmt: skip
"""What no page of ours may ask the browser for."""
