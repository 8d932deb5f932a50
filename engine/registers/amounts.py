"""Amounts between forms, which write yuan as text, and tables, which keep whole 分."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


class AmountInvalid(ValueError):
    """Not an amount in yuan with at most two decimals; `str()` is Chinese."""

    def __init__(self, value: object) -> None:
        super().__init__(f"“{value}”不是金额；金额以元为单位，最多两位小数，例如 864.00")


def cents(value: object) -> int:
    """分 of `"864.00"`, a Decimal or an int of yuan; nothing is 0. `AmountInvalid` for anything else."""
    if value in (None, ""):
        return 0
    try:
        exact = Decimal(str(value)) * 100
    except InvalidOperation:
        raise AmountInvalid(value) from None
    if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) > 10**11:
        raise AmountInvalid(value)
    return int(exact)


def yuan(amount: int) -> str:
    """`"864.00"` of 86400 分."""
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{whole // 100}.{whole % 100:02d}"
