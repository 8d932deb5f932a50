"""Facts and form values as JSON and back: amounts stay exact decimals, dates stay dates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any


def as_json(value: Any) -> Any:
    """`json.dumps(default=…)` for what JSON has no word for."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    raise TypeError(f"no JSON for {type(value).__name__}")


def from_json(value: dict[str, Any]) -> Any:
    """`json.loads(object_hook=…)`, the inverse of `as_json`."""
    if len(value) == 1:
        match value:
            case {"$decimal": str(text)}:
                return Decimal(text)
            case {"$moment": str(text)}:
                return datetime.fromisoformat(text)
            case {"$date": str(text)}:
                return date.fromisoformat(text)
    return value
