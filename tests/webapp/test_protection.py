"""What every answer carries and every form needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import webapp
from tests.support.app import PASSWORD, Register, World
from webapp.security import safe_path

TEMPLATES = sorted((Path(webapp.__file__ or "").parent / "templates").rglob("*.html"))
INLINE = [
    re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    re.compile(r"<style", re.I),
    re.compile(r"\sstyle\s*=", re.I),
    re.compile(r"\son\w+\s*=\s*[\"']", re.I),
    re.compile(r"javascript:", re.I),
    re.compile(r"https?://", re.I),
]


@pytest.mark.parametrize(
    "address", ["/", "/sign-in", "/apply/full_online", "/desk/", "/no-such-page", "/static/icon.svg"]
)
def test_every_answer_says_what_a_page_may_run_and_that_nobody_frames_it(world: World, address: str) -> None:
    headers = world.visitor().get(address).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_style_or_a_foreign_address(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert [shape.pattern for shape in INLINE if shape.search(text)] == []


def test_no_rendered_page_holds_inline_script_or_style(world: World, register: Register) -> None:
    case_id = register()
    window = world.desk("qp_window")
    for address in ("/desk/", f"/desk/cases/{case_id}", "/desk/register/full_online", "/apply/full_online", "/notices"):
        page = window.get(address).text
        assert [shape.pattern for shape in INLINE[:4] if shape.search(page)] == [], address


def test_pages_are_never_kept_but_versioned_assets_are(world: World) -> None:
    visitor = world.visitor()
    page = visitor.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    style = re.search(r'href="([^"]+app\.css[^"]*)"', page.text)
    assert style
    assert "immutable" in visitor.get(style[1]).headers["Cache-Control"]


def test_a_form_without_its_token_is_refused(world: World) -> None:
    visitor = world.visitor()
    visitor.get("/sign-in")
    answer = visitor.client.post("/sign-in", data={"account": "qp_window", "password": PASSWORD})
    assert answer.status_code == 400
    assert "刷新后再提交" in answer.text


def test_every_form_that_posts_carries_the_token(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    task = re.search(r"/desk/tasks/(\w+)", window.get("/desk/?which=posts").text)
    assert task
    for address in ("/desk/?which=posts", f"/desk/tasks/{task[1]}", "/desk/register/full_online", "/follow"):
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", window.get(address).text, re.S)
        assert forms
        assert all('name="csrf_token"' in form for form in forms), address


def test_the_session_cookie_cannot_be_read_by_scripts_and_is_secure_over_https(world: World) -> None:
    visitor = world.visitor()
    plain = visitor.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "Secure" in world.visitor().get("/sign-in", base_url="https://jiuzhu.example").headers["Set-Cookie"]


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "", None, "/a\nb", "javascript:1"],
)
def test_after_signing_in_nobody_is_sent_to_another_site(target: str | None) -> None:
    assert safe_path(target, "/desk/") == "/desk/"


def test_after_signing_in_the_page_that_was_asked_for_comes(world: World) -> None:
    visitor = world.visitor()
    asked = visitor.get("/desk/cases/?search=x")
    assert asked.location == "/sign-in?next=/desk/cases/?search%3Dx"
    visitor.get(asked.location)
    entered = visitor.post("/sign-in", {"account": "qp_window", "password": PASSWORD, "next": "/desk/cases/?search=x"})
    assert entered.location == "/desk/cases/?search=x"


def test_too_large_an_upload_is_answered_with_what_to_do(world: World) -> None:
    world.app.config["MAX_CONTENT_LENGTH"] = 1000
    visitor = world.visitor()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"account": "x" * 2000})
    assert answer.status_code == 413
    assert "60 MB" in answer.text
