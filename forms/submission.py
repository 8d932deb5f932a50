"""Turns what a browser sent for a form into checked values; hides names of inputs, hidden fields, rows and rules."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from forms.answers import Answer, Context, ask_for, blank, is_blank, out_of_bounds, read_answer
from forms.errors import ExpressionError, FactMissing
from forms.expression import Expression
from forms.kinds import birth_of, long_number, sex_of
from forms.model import TODAY, Component, Form
from forms.refill import fill
from forms.rows import check_rows, find_rows
from forms.signing import digest
from forms.uploads import Upload
from forms.values import as_day, as_moment, as_number

__all__ = ["Context", "Reading", "Upload", "digest", "fill", "read"]

PASSES = 6


@dataclass(frozen=True)
class Reading:
    """A submission as read.

    `values` fit for JSON: amounts as "320.50", dates as ISO texts, lists of rows without gaps, hidden fields blank;
    `errors` and `warnings` by input name (a list's own by its key); `files` new content by sha256; `raw` as it came.
    """

    values: dict[str, Any]
    errors: dict[str, str]
    warnings: dict[str, str]
    files: dict[str, bytes]
    raw: Mapping[str, Sequence[str]]

    @property
    def ok(self) -> bool:
        """Whether it may be taken."""
        return not self.errors


@dataclass(frozen=True)
class Place:
    """One field on the page: the component, its row as sent (or None), where its value lies, what it sees."""

    part: Component
    row: int | None
    target: dict[str, Any]
    scope: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.part.input_name(self.row)

    @property
    def value(self) -> Any:
        return self.target.get(self.part.key)


def read(
    form: Form,
    raw: Mapping[str, Sequence[str]],
    uploads: Mapping[str, Sequence[Upload]],
    context: Context,
) -> Reading:
    """Read and check one submission; everything wrong is in `Reading.errors`, nothing is raised for bad input."""
    return _Paper(form, raw, uploads, context).read()


@dataclass
class _Paper:
    """The working paper of one reading."""

    form: Form
    raw: Mapping[str, Sequence[str]]
    uploads: Mapping[str, Sequence[Upload]]
    context: Context
    answers: dict[str, Answer] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)

    def read(self) -> Reading:
        self.read_answers()
        places = self.settle()
        visible = {place.name for place in places}
        for place in places:
            self.derive_from_id(place, visible)
        for place in places:
            self.check(place)
        for place in places:
            self.check_rules(place)
        self.sign(places)
        files = {
            digest: content
            for place in places
            for digest, content in self.answers.get(place.name, Answer()).files.items()
            if place.name not in self.errors
        }
        return Reading(self.values, self.errors, self.warnings, files, self.raw)

    # -- what came

    def read_answers(self) -> None:
        names = {*self.raw, *self.uploads}
        for part in self.form.root.walk():
            if part.type == "dynamiclist":
                self.rows[part.key] = find_rows(part.key, names)
        for part in self.form.fields.values():
            if part.is_input:
                for row in self.rows_of(part):
                    self.read_one(part, row)
        for key, numbers in self.rows.items():
            self.rows[key] = [row for row in numbers if self.is_used(key, row)]

    def rows_of(self, part: Component) -> Sequence[int | None]:
        return self.rows[part.list] if part.list else [None]

    def read_one(self, part: Component, row: int | None) -> None:
        name = part.input_name(row)
        self.answers[name] = read_answer(part, self.raw.get(name, ()), self.uploads.get(name, ()), self.context)

    def is_used(self, list_key: str, row: int) -> bool:
        """A row that nobody touched (all blank or as offered) doesn't count."""
        for part in self.form.fields.values():
            if part.list == list_key and part.is_input:
                answer = self.answers[part.input_name(row)]
                if answer.fault or (not is_blank(answer.value) and answer.value != part.raw.get("defaultValue")):
                    return True
        return False

    # -- what is shown

    def settle(self) -> list[Place]:
        """Find what is visible; a hidden field is blank and may so hide others: look until nothing changes."""
        hidden: set[str] = set()
        for _ in range(PASSES):
            self.values = {}
            places = list(self.lay_out(hidden))
            found = self.find_hidden()
            if found == hidden:
                break
            hidden = found
        return [place for place in places if place.name not in hidden]

    def lay_out(self, hidden: set[str]) -> Iterator[Place]:
        """All fields in the order of the page, with their values put in place; computed ones see those before them."""
        scope = ChainMap(self.values, self.given())
        for part in self.form.fields.values():
            if not part.list and not part.readonly:
                self.values[part.key] = [] if part.type == "dynamiclist" else None
        targets: dict[tuple[str, int | None], dict[str, Any]] = {}
        for key, numbers in self.rows.items():
            for number in numbers if key not in hidden else []:
                targets[key, number] = {}
                self.values[key].append(targets[key, number])
        for part in sorted(self.form.fields.values(), key=lambda part: part.type == "expression"):
            for row in self.rows_of(part):
                target = targets.get((part.list, row), {}) if part.list else self.values
                place = Place(part, row, target, scope.new_child(target) if part.list else scope)
                self.put(place, place.name in hidden)
                yield place

    def given(self) -> dict[str, Any]:
        """What conditions may read besides the form: the facts of the case, and the day (今日)."""
        return {**self.context.facts, TODAY: self.context.today.isoformat()}

    def put(self, place: Place, hidden: bool) -> None:
        part = place.part
        if part.type == "dynamiclist" or part.readonly:
            return
        if part.compute is not None:
            place.target[part.key] = None if hidden else self.compute(place, part.compute)
        else:
            answer = self.answers[place.name]
            keep = not hidden and not answer.fault and answer.value is not None
            place.target[part.key] = answer.value if keep else blank(part)

    def compute(self, place: Place, expression: Expression) -> Any:
        try:
            value = expression.evaluate(place.scope)
        except (FactMissing, ExpressionError):
            return None
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else f"{value:f}"
        return value.isoformat() if hasattr(value, "isoformat") else value

    def find_hidden(self) -> set[str]:
        """Names of inputs (and keys of lists) that a condition, their own or a container's, takes off the page."""
        hidden: set[str] = set()

        def visit(part: Component, row: int | None, covered: bool, scope: ChainMap[str, Any]) -> None:
            covered = covered or (part.hide is not None and self.holds(part.hide, scope, unsure=False))
            if covered and part.key:
                hidden.add(part.input_name(row))
            if part.type != "dynamiclist":
                for child in part.children:
                    visit(child, row, covered, scope)
                return
            # A hidden list has no values; its rows must be named as hidden all the same.
            for number, target in zip_longest(self.rows[part.key], self.values[part.key]):
                beside = scope.new_child(target)
                for child in part.children:
                    visit(child, number, covered, beside)

        visit(self.form.root, None, False, ChainMap(self.values, self.given()))
        return hidden

    def holds(self, condition: Expression, scope: Mapping[str, Any], unsure: bool) -> bool:
        """A condition over blanks can't be decided: then `unsure`."""
        try:
            return condition.holds(scope)
        except (FactMissing, ExpressionError):
            return unsure

    # -- what is wrong

    def check(self, place: Place) -> None:
        part = place.part
        if part.type == "dynamiclist":
            numbers = self.rows[part.key]
            for name, message in check_rows(part, list(zip(numbers, self.values[part.key], strict=True))):
                self.errors.setdefault(name, message)
            return
        answer = self.answers.get(place.name)
        if answer is None:
            return
        if answer.fault:
            self.errors[place.name] = answer.fault
        elif is_blank(place.value):
            if part.required:
                self.errors[place.name] = ask_for(part)
        elif problem := self.find_problem(place):
            self.errors[place.name] = problem
        elif answer.warning:
            self.warnings[place.name] = answer.warning

    def find_problem(self, place: Place) -> str:
        part = place.part
        if part.minimum is not None or part.maximum is not None:
            low, high = (self.bound(bound, place.scope) for bound in (part.minimum, part.maximum))
            if as_number(place.value) is not None and (problem := out_of_bounds(place.value, low, high)):
                return problem
        for name, word in (("notBefore", "早于"), ("notAfter", "晚于")):
            if (other := part.properties.get(name)) and self.is_beyond(place, other, name):
                named = self.form.fields.get(f"{part.list}.{other}" if part.list else other) or self.form.fields.get(
                    other
                )
                return f"不能{word}“{named.label if named else other}”，请核对"
        if part.properties.get("noNumbers") == "true" and (problem := long_number(str(place.value))):
            return problem
        kept = part.properties.get("withoutName", "")
        if (name := str(place.scope.get(kept) or "")) and name in str(place.value):
            return f"这里的内容会发给别人看，不能写出{kept}，请删去"
        return self.compare_with_id(place)

    def bound(self, bound: Decimal | Expression | None, scope: Mapping[str, Any]) -> Decimal | None:
        if not isinstance(bound, Expression):
            return bound
        try:
            return as_number(bound.evaluate(scope))
        except (FactMissing, ExpressionError):
            return None

    def is_beyond(self, place: Place, other: str, name: str) -> bool:
        pair = place.value, place.scope.get(other)
        moments = [as_moment(value) for value in pair]
        mine, theirs = moments if None not in moments else map(as_day, pair)
        if mine is None or theirs is None:
            return False
        return bool(mine < theirs if name == "notBefore" else mine > theirs)

    def derive_from_id(self, place: Place, visible: set[str]) -> None:
        """Birth date and sex left blank are taken from the identity number."""
        for name, derive in (("birthOf", birth_of), ("sexOf", sex_of)):
            other = place.part.properties.get(name)
            if other and place.part.kind == "cn_id" and place.value and is_blank(place.target.get(other)):
                beside = f"{place.part.list}-{place.row}-{other}" if place.part.list else other
                answer = self.answers.get(beside) if beside in visible else None
                if answer is not None and not answer.fault:
                    place.target[other] = derive(place.value)

    def compare_with_id(self, place: Place) -> str:
        for name, derive, what in (("birthOf", birth_of, "出生日期"), ("sexOf", sex_of, "性别")):
            other = place.part.properties.get(name)
            if other and place.part.kind == "cn_id" and place.target.get(other) not in (None, derive(place.value)):
                return f"身份证号码里的{what}与填写的{what}不一致，请核对"
        return ""

    def check_rules(self, place: Place) -> None:
        for rule in place.part.checks:
            if place.name in self.errors or self.holds(rule.condition, place.scope, unsure=True):
                continue
            (self.errors if rule.blocking else self.warnings)[place.name] = rule.message

    # -- what was signed

    def sign(self, places: Sequence[Place]) -> None:
        """Bind each signature to who signs, when, and what the rest of the form says."""
        signed = digest(self.form, self.values)
        for place in places:
            if place.part.kind == "signature" and place.value:
                signer = place.part.properties.get("signer", "account")
                place.value.update(
                    signer=self.context.account_id if signer == "account" else "",
                    signerName=self.context.name if signer == "account" else str(place.scope.get(signer) or ""),
                    takenBy=self.context.account_id,
                    at=self.context.now.isoformat(),
                    digest=signed,
                )
