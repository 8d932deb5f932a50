"""Small decision tables for tests, written as DMN text so that the real reader reads them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def decisions(body: str, namespace: str = DMN) -> bytes:
    """A whole file around `body`."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<definitions xmlns="{namespace}" id="d" name="d" namespace="jiuzhu">{body}</definitions>'.encode()


def table(
    decision_id: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    hit: str = "",
    requires: Sequence[str] = (),
    types: Sequence[str] = (),
    defaults: Sequence[str] = (),
    more: str = "",
) -> str:
    """A decision whose rules are rows of cells, inputs first; a cell more than the columns is the row's note."""
    columns = "".join(_input(number, text) for number, text in enumerate(inputs))
    columns += "".join(
        _output(number, name, types[number] if types else "", defaults[number] if defaults else "")
        for number, name in enumerate(outputs)
    )
    rows = "".join(_rule(number, row, len(inputs), len(outputs)) for number, row in enumerate(rules))
    policy = f' hitPolicy="{hit}"' if hit else ""
    return (
        f'<decision id="{decision_id}" name="{decision_id}">{required(requires)}'
        f'<decisionTable id="{decision_id}_table"{policy} {more}>{columns}{rows}</decisionTable></decision>'
    )


def formula(decision_id: str, name: str, text: str, *, requires: Sequence[str] = ()) -> str:
    return (
        f'<decision id="{decision_id}" name="{decision_id}">{required(requires)}'
        f'<variable name="{name}" typeRef="number"/>'
        f"<literalExpression><text>{escape(text)}</text></literalExpression></decision>"
    )


def required(names: Sequence[str]) -> str:
    return "".join(
        f'<informationRequirement id="r_{n}"><requiredDecision href="#{n}"/></informationRequirement>' for n in names
    )


def _input(number: int, text: str) -> str:
    inner = f"<inputExpression><text>{escape(text)}</text></inputExpression>"
    return f'<input id="i{number}" label={quoteattr(text)}>{inner}</input>'


def _output(number: int, name: str, kind: str, default: str) -> str:
    inner = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f'<output id="o{number}" name="{name}" typeRef="{kind}">{inner}</output>'


def _rule(number: int, row: Sequence[str], inputs: int, outputs: int) -> str:
    note = row[inputs + outputs] if len(row) > inputs + outputs else ""
    cells = "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in row[:inputs])
    cells += "".join(f"<outputEntry><text>{escape(c)}</text></outputEntry>" for c in row[inputs : inputs + outputs])
    return f'<rule id="rule{number}"><description>{escape(note)}</description>{cells}</rule>'
