"""The list of clauses (processes/policy/clauses.toml): what the documents ask for, in their own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.cases.coverage.errors import ClausesNotReadable

FILE = "processes/policy/clauses.toml"
_TEXTS = {"id": True, "requirement": True, "quote": True, "actor": False, "deadline": False, "procedure": True}
_OTHERS = {"software": bool, "reason": str, "carried_by": list}


@dataclass(frozen=True, slots=True)
class Document:
    """One of the documents: `id` is the first part of its clauses' ids."""

    id: str
    title: str
    place: str
    issued: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a document asks for.

    `quote` is the document's sentence in 「」; `deadline` is as written there; `procedure` is the folder of processes/
    where it mainly belongs, or `folder/diagram`; `software` is False when no program can do it, and `reason` says why;
    `carried_by` names what carries it beside diagrams, forms and tables, as `page:public.apply`.
    """

    id: str
    requirement: str
    quote: str
    actor: str
    deadline: str
    procedure: str
    software: bool = True
    reason: str = ""
    carried_by: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """`S0` of `S0-12`."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class ClauseList:
    """All documents and clauses by id, in the order of the file; `beside` are other ids that a diagram may name."""

    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    beside: frozenset[str] = frozenset()


def read(root: Path) -> ClauseList:
    """The list of the checkout at `root`; `ClausesNotReadable` names the row and its fault."""
    try:
        content = tomllib.loads((root / FILE).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ClausesNotReadable(
            FILE, "", f"在 {root} 里没有这个文件，请用 --root 指明存放 processes/ 的文件夹"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClausesNotReadable(FILE, "", f"无法读取（{error}）") from error
    documents = {row.id: row for row in (_document(n, each) for n, each in enumerate(content.get("document", []), 1))}
    clauses: dict[str, Clause] = {}
    for number, row in enumerate(content.get("clause", []), 1):
        clause = _clause(number, row)
        if clause.id in clauses:
            raise ClausesNotReadable(FILE, clause.id, "编号重复，每个条目只能登记一次")
        if clause.document not in documents:
            raise ClausesNotReadable(FILE, clause.id, f"没有登记文件 {clause.document}，请先写一项 [[document]]")
        clauses[clause.id] = clause
    return ClauseList(documents, clauses, _beside(content.get("beside", {})))


def _beside(row: Mapping[str, Any]) -> frozenset[str]:
    """E-01 … E-34 of `E = 34`."""
    if wrong := sorted(letter for letter, last in row.items() if type(last) is not int):
        raise ClausesNotReadable(FILE, "beside", f"{'、'.join(wrong)} 应写到几号为止，如 E = 34")
    return frozenset(f"{letter}-{number:02d}" for letter, last in row.items() for number in range(1, last + 1))


def _document(number: int, row: Mapping[str, Any]) -> Document:
    try:
        return Document(**row)
    except TypeError as error:
        raise ClausesNotReadable(FILE, f"第{number}个文件", "应写 id、title、place、issued，不写别的") from error


def _clause(number: int, row: Mapping[str, Any]) -> Clause:
    where = str(row.get("id") or f"第{number}项")
    for name, needed in _TEXTS.items():
        if not isinstance(row.get(name, ""), str) or (needed and not row.get(name)):
            raise ClausesNotReadable(FILE, where, f"{name} 没有写，或者不是加引号的文字")
    for name, kind in _OTHERS.items():
        if name in row and not isinstance(row[name], kind):
            raise ClausesNotReadable(FILE, where, f"{name} 的写法不对，请对照其他条目")
    if strange := sorted(set(row) - set(_TEXTS) - set(_OTHERS)):
        raise ClausesNotReadable(FILE, where, f"不认识 {'、'.join(strange)}，请核对拼写")
    if not row.get("software", True) and not row.get("reason"):
        raise ClausesNotReadable(FILE, where, "写了 software = false，还要写 reason（为什么软件做不了）")
    given = {"actor": "", "deadline": "", **row}
    return Clause(**{**given, "carried_by": tuple(str(each) for each in row.get("carried_by", ()))})
