"""How long something may take: the ways an analyst writes a limit, and the amount and unit that they mean."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.clock.errors import ExtensionUnitDiffers, LimitNotUnderstood


class Unit(StrEnum):
    """What is counted; the value is what the reader sees."""

    WORKDAY = "工作日"
    DAY = "日"
    HOUR = "小时"
    MINUTE = "分钟"
    MONTH = "月"
    MONTH_DAY = "日前"  # a day of the month, itself included


_WORDS = {"工作日": Unit.WORKDAY, "小时": Unit.HOUR, "分钟": Unit.MINUTE, "月": Unit.MONTH}
_WORDS |= dict.fromkeys(("日", "天", "自然日", "日历日"), Unit.DAY)
_MOST = {Unit.WORKDAY: 2_500, Unit.DAY: 3_660, Unit.HOUR: 87_840, Unit.MINUTE: 527_040, Unit.MONTH: 120}
_PLAIN = re.compile(
    rf"(?P<amount>[0-9]+|[零〇一二两三四五六七八九十百]+)个?(?P<unit>{'|'.join(_WORDS)}|年)(?:以内|之内|内)?"
)
_ISO = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)
_MONTH_DAY = re.compile(
    r"(?P<which>每月|当月|本月|次月|下月)(?P<day>[0-9]{1,2}|[一二三四五六七八九十]+)[日号](?:之前|以前|前)"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of one unit; `iso` when it was written as an ISO 8601 duration, which no statutory node may carry.

    For `Unit.MONTH_DAY` the amount is the day of the month, the next one to come, or with `months_later` 1 that of the
    month after the start's.
    """

    amount: int
    unit: Unit
    iso: bool = False
    months_later: int = 0

    def __str__(self) -> str:
        """`5个工作日`, `7日`, `48小时`, `3个月`, `每月15日前`."""
        if self.unit is Unit.MONTH_DAY:
            return f"{'次月' if self.months_later else '每月'}{self.amount}日前"
        joint = "个" if self.unit in (Unit.WORKDAY, Unit.MONTH) else ""
        return f"{self.amount}{joint}{self.unit}"

    def extended(self, extensions: Sequence["Limit"]) -> "Limit":
        """This limit with all `extensions` added; they must count the same unit, else `ExtensionUnitDiffers`."""
        for extension in extensions:
            if extension.unit is not self.unit:
                raise ExtensionUnitDiffers(str(self), str(extension))
        if not extensions:
            return self
        if self.unit is Unit.MONTH_DAY:  # a day of the month can't be added to
            raise ExtensionUnitDiffers(str(self), str(extensions[0]))
        return Limit(self.amount + sum(extension.amount for extension in extensions), self.unit, self.iso)


def parse_limit(text: str) -> Limit:
    """Read `5个工作日`, `7日`, `7个自然日`, `48小时`, `3个月`, `每月15日前`, `次月10日前`, `P5D` or `PT48H`.

    Full-width digits and Chinese numerals are read too (`五个工作日`). An amount of nothing, of more than ten years,
    or any other text raises `LimitNotUnderstood`.
    """
    plain = tidy(text)
    limit = month_day(plain) or _plain_limit(plain) or _iso_limit(plain)
    if limit is None:
        raise LimitNotUnderstood(text)
    if limit.amount < 1:
        raise LimitNotUnderstood(text, "时限至少为1")
    if limit.amount > _MOST.get(limit.unit, limit.amount):
        raise LimitNotUnderstood(text, "时限超过十年")
    return limit


def tidy(text: str) -> str:
    """`text` with full-width signs made plain and without blanks, as every limit is read."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def number(text: str) -> int | None:
    """The value of `15` or `十五`, up to 999; None when the signs are no number, like `十十`."""
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 9 else None
    found = re.fullmatch(
        r"(?:([一二两三四五六七八九])百)?(?:零|〇)?(?:([一二三四五六七八九]?)(十))?([零〇一二两三四五六七八九]?)", text
    )
    if not found or not text:
        return None
    hundreds, tens, ten, ones = found.groups()
    return 100 * _DIGITS.get(hundreds, 0) + (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


def month_day(text: str) -> Limit | None:
    """Read `每月15日前` or `次月10日前`; None for anything else, `LimitNotUnderstood` for a day that no month has."""
    found = _MONTH_DAY.fullmatch(tidy(text))
    day = number(found["day"]) if found else None
    if found is None or day is None:
        return None
    if not 1 <= day <= 31:
        raise LimitNotUnderstood(text, f"没有{found['day']}日")
    return Limit(day, Unit.MONTH_DAY, months_later=int(found["which"] in ("次月", "下月")))


def _plain_limit(text: str) -> Limit | None:
    found = _PLAIN.fullmatch(text)
    amount = number(found["amount"]) if found else None
    if found is None or amount is None:
        return None
    if found["unit"] == "年":
        return Limit(12 * amount, Unit.MONTH)
    return Limit(amount, _WORDS[found["unit"]])


def _iso_limit(text: str) -> Limit | None:
    found = _ISO.fullmatch(text)
    if found is None or any(len(part) > 6 for part in found.groups("")):
        return None
    years, months, weeks, days, hours, minutes = (int(part) for part in found.groups("0"))
    months, days = 12 * years + months, 7 * weeks + days
    if months and (days or hours or minutes):
        raise LimitNotUnderstood(text, "月不能与日、小时混用")
    if months:
        return Limit(months, Unit.MONTH, iso=True)
    if minutes:
        return Limit((24 * days + hours) * 60 + minutes, Unit.MINUTE, iso=True)
    if hours:
        return Limit(24 * days + hours, Unit.HOUR, iso=True)
    return Limit(days, Unit.DAY, iso=True)
