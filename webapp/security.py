"""Hides how pages are kept from leaking, being framed and running foreign code: headers, cookies, tokens, rates."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
UPLOAD_BYTES = 60 * 1024 * 1024
FIELD_BYTES = 12 * 1024 * 1024  # handwritten signatures travel as fields
FIELD_COUNT = 6000  # thirty members with all their columns
SIGNED_IN_FOR = timedelta(hours=10)

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://")


class CookieSessions(SecureCookieSessionInterface):
    """The session in a signed cookie, marked Secure whenever the page came over https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def protect(app: Flask) -> None:
    """Bound what a request may bring, sign its forms and give every answer the headers."""
    app.config.update(
        MAX_CONTENT_LENGTH=UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=FIELD_BYTES,
        MAX_FORM_PARTS=FIELD_COUNT,
        SESSION_COOKIE_NAME="jiuzhu",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SIGNED_IN_FOR,
        SESSION_REFRESH_EACH_REQUEST=False,  # one sign-in lasts for a working day
        WTF_CSRF_TIME_LIMIT=None,  # a long form may be open all morning; the token dies with the session
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.session_interface = CookieSessions()
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Every answer, an error page too; pages are never kept by the browser, versioned assets for a year."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    elif "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def safe_path(target: str | None, otherwise: str) -> str:
    """A path of our own to go on to: `target` when it is one, never another host's."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    return otherwise if any(sign == "\\" or ord(sign) < 32 for sign in target) else target
