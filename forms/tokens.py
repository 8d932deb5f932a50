"""Turns the text of an expression into tokens; hides full-width signs, Chinese connectives and quotation marks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from forms.errors import ExpressionError

MAX_LENGTH = 2000

QUOTES = {'"': '"', "'": "'", "“": "“”", "”": "“”", "‘": "‘’", "’": "‘’", "「": "」", "＂": "＂", "＇": "＇"}
WORDS = {
    "且": "and", "并且": "and", "and": "and", "或": "or", "或者": "or", "or": "or",
    "非": "not", "not": "not", "属于": "in", "in": "in", "不属于": "notin",
    "真": "true", "是": "true", "true": "true", "假": "false", "否": "false", "false": "false",
    "空": "null", "null": "null", "none": "null",
}  # fmt: skip
SIGNS = {
    "==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "&&": "and", "||": "or", "!": "not",
    "×": "*", "÷": "/", "−": "-", "、": ",",
}  # fmt: skip
GLUED = re.compile("(?<=.)(不属于|属于|并且|或者|且|或)|^(且|或)(?=.)")
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<num>\d+(?:\.\d+)?)|(?P<name>[^\W\d][\w·]*)"
    r"|(?P<sign>\.\.|<=|>=|==|!=|<>|&&|\|\||[-+*/=<>!()\[\],.?≤≥≠×÷−、])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is num, str, name, end, or the operator itself; `position` counts from 0."""

    kind: str
    text: str
    position: int


def read_tokens(text: str) -> list[Token]:
    """Split `text` into tokens ending with one of kind "end"; raises ExpressionError at the first strange sign."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(text, MAX_LENGTH, f"表达式太长（最多 {MAX_LENGTH} 个字符），请拆成几个条件")
    plain = "".join(map(_narrow, text))
    tokens: list[Token] = []
    position, end = _unwrap(plain)
    while position < end:
        if text[position] in QUOTES:
            token, position = _read_string(text, position, end)
            tokens.append(token)
            continue
        match = TOKEN.match(plain, position, end)
        if match is None:
            raise ExpressionError(text, position, f"不认识的符号「{text[position]}」，请删去或改写")
        if match.lastgroup != "space":
            tokens.append(_classify(text, match))
        position = match.end()
    return [*tokens, Token("end", "", end)]


def _narrow(char: str) -> str:
    """The half-width form of one character, when that is one character too (positions stay true)."""
    normal = unicodedata.normalize("NFKC", char)
    return normal if len(normal) == 1 else char


def _unwrap(plain: str) -> tuple[int, int]:
    """Bounds of the expression itself, without ${…} or #{…} around it and without a leading `=`."""
    start, end = len(plain) - len(plain.lstrip()), len(plain.rstrip())
    if plain[start : start + 2] in ("${", "#{") and plain[end - 1 : end] == "}":
        start, end = start + 2, end - 1
    start += len(plain[start:end]) - len(plain[start:end].lstrip())
    if plain[start : start + 1] == "=" and plain[start : start + 2] != "==":
        start += 1
    return start, end


def _read_string(text: str, start: int, end: int) -> tuple[Token, int]:
    closing = QUOTES[text[start]]
    content: list[str] = []
    position = start + 1
    while position < end:
        char = text[position]
        if char == "\\" and position + 1 < end:
            content.append(text[position + 1])
            position += 2
            continue
        if char in closing:
            return Token("str", "".join(content), start), position + 1
        content.append(char)
        position += 1
    raise ExpressionError(text, start, "引号没有配对，请补上后面的引号")


def _classify(text: str, match: re.Match[str]) -> Token:
    found, start = match.group(), match.start()
    if match.lastgroup == "num":
        if len(found) > 30:
            raise ExpressionError(text, start, "数字太长，请核对")
        return Token("num", found, start)
    if match.lastgroup == "sign":
        return Token(SIGNS.get(found, found), found, start)
    return _classify_word(text, unicodedata.normalize("NFKC", found), start)


def _classify_word(text: str, word: str, start: int) -> Token:
    keyword = WORDS.get(word) or WORDS.get(word.lower())
    if keyword is not None:
        return Token(keyword, word, start)
    if word.startswith("_") or "__" in word:
        raise ExpressionError(text, start, f"名称「{word}」不能以下划线开头，也不能含有双下划线")
    glued = GLUED.search(word)
    if glued is not None:
        raise ExpressionError(text, start + glued.start(), f"请在“{glued.group()}”的两边留空格；名称里不能含有这个词")
    return Token("name", word, start)
