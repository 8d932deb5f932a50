"""Every failure of this package on one page; messages are written for the person who must act on them."""

from __future__ import annotations


class FormsError(Exception):
    """Base of all errors of this package; `message` is Chinese and fit to be shown."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ExpressionError(FormsError):
    """An expression that cannot be understood or computed: `text`, 0-based `position`, `message`."""

    def __init__(self, text: str, position: int, message: str) -> None:
        shown = text if len(text) <= 120 else text[:120] + "…"
        super().__init__(f"表达式「{shown}」第 {position + 1} 个字符处：{message}")
        self.text = text
        self.position = position
        self.reason = message


class FactMissing(FormsError):
    """A condition needs a fact that the case does not have (yet): `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"还没有「{name}」的内容，无法判断。请先在前面的环节填写，或写明“{name} = 空”时怎么办。")
        self.name = name


class FormDefinitionError(FormsError):
    """A form that may not be used: `form_id`, `key` of the component (or ""), what is wrong, what to do."""

    def __init__(self, form_id: str, key: str, problem: str, remedy: str) -> None:
        where = f"表单「{form_id}」" + (f"的「{key}」" if key else "")
        super().__init__(f"{where}：{problem}。{remedy}。")
        self.form_id = form_id
        self.key = key
        self.problem = problem
        self.remedy = remedy


class CodeListUnknown(FormsError):
    """A code list that is not in codes.toml: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"没有名为「{name}」的代码表，请在 forms/codes.toml 中添加，或改用已有的代码表。")
        self.name = name


class BadValue(FormsError):
    """An answer that is not what its field asks for; the message says what to do."""
