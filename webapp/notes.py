"""Turns the reading text of a form (headings, lists, bold; nothing else) into safe HTML."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

BOLD = re.compile(r"\*\*(.+?)\*\*")
ITEM = re.compile(r"(?:[-*]|\d+[.、])\s+")


def show_note(text: str) -> Markup:
    """`# heading`, `- item`, `1. item`, `**bold**`; every other line is a paragraph, everything is escaped."""
    blocks: list[Markup] = []
    items: list[Markup] = []
    for line in [*text.strip().splitlines(), ""]:
        words = line.strip()
        if item := ITEM.match(words):
            items.append(Markup("<li>{}</li>").format(inline(words[item.end() :])))
            continue
        if items:
            blocks.append(Markup("<ul>{}</ul>").format(Markup("").join(items)))
            items = []
        if words.startswith("#"):
            blocks.append(Markup("<h3>{}</h3>").format(inline(words.lstrip("# "))))
        elif words:
            blocks.append(Markup("<p>{}</p>").format(inline(words)))
    return Markup("").join(blocks)


def inline(text: str) -> Markup:
    """The bold parts of a line."""
    return Markup(BOLD.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped just before
