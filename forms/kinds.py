"""What a text must be to count as an identity number, a phone, an amount…: cleans it, or says what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import stdnum.cn.uscc
from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from forms.errors import BadValue

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,6})?")
ID_NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
LONG_NUMBER = re.compile(r"\d{11,}[\dXx]?")
PLAIN_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,10})?")


class Clean(NamedTuple):
    """A cleaned text and, where it is unusual but allowed, a warning to show."""

    text: str
    warning: str = ""


def narrow(text: str) -> str:
    """Full-width letters and digits made half-width, spaces taken out."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def long_number(text: str) -> str:
    """What is wrong with a text that is passed on to others and holds an identity, account or phone number; or ""."""
    found = LONG_NUMBER.search(narrow(text).replace("-", ""))
    if found is None:
        return ""
    return f"这里的内容会发给别人看，不能写证件号码、银行账号、手机号码，请删去“{found[0][:4]}…”这一串数字"


def clean_id(text: str, today: dt.date) -> Clean:
    """Identity number by GB 11643: check digit and birth date; any region prefix, also one long abolished (5.2)."""
    number = narrow(text).upper()
    if not ID_NUMBER.fullmatch(number):
        raise BadValue("身份证号码应为 18 位：前 17 位是数字，最后一位是数字或 X，请对照证件核对")
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        raise BadValue(f"身份证号码中的出生日期“{number[6:14]}”不存在，请对照证件核对") from None
    if born > today:
        raise BadValue(f"身份证号码中的出生日期“{number[6:14]}”还没有到，请对照证件核对")
    if ric.calc_check_digit(number) != number[-1]:
        raise BadValue("身份证号码校验不通过，可能有一位写错了，请对照证件核对")
    return Clean(number)


def birth_of(number: str) -> str:
    """Birth date in a valid identity number, as 2026-01-31."""
    return ric.get_birth_date(number).isoformat()


def sex_of(number: str) -> str:
    """Sex in a valid identity number by GB/T 2261.1: "1" male, "2" female."""
    return "1" if int(number[16]) % 2 else "2"


def clean_mobile(text: str, today: dt.date) -> Clean:
    """Mobile number of the mainland, with or without +86."""
    number = re.sub(r"^(\+?86)(?=1\d{10}$)", "", narrow(text).replace("-", ""))
    if not MOBILE.fullmatch(number):
        raise BadValue("手机号码应为 1 开头的 11 位数字，请核对")
    return Clean(number)


def clean_phone(text: str, today: dt.date) -> Clean:
    """Mobile or landline number; not unique, villagers share one."""
    number = narrow(text)
    if LANDLINE.fullmatch(number) and not number.startswith("1"):
        return Clean(number)
    try:
        return clean_mobile(text, today)
    except BadValue:
        raise BadValue("联系电话应为 11 位手机号码，或带区号的固定电话（如 0566-2123456），请核对") from None


def clean_account(text: str, today: dt.date) -> Clean:
    """Bank account, 12 to 19 digits; a failed check digit is only a warning (passbooks may not follow it)."""
    number = narrow(text).replace("-", "")
    if not re.fullmatch(r"\d{12,19}", number):
        raise BadValue("银行账号应为 12 至 19 位数字，请对照存折或银行卡核对")
    warning = (
        ""
        if luhn.is_valid(number)
        else "这个账号不符合银行卡号的校验规则；若是存折或“一卡通”账号可以继续，请再核对一遍"
    )
    return Clean(number, warning)


def clean_uscc(text: str, today: dt.date) -> Clean:
    """Unified social credit code by GB 32100-2015."""
    code = narrow(text).upper()
    if not stdnum.cn.uscc.is_valid(code):
        raise BadValue("统一社会信用代码应为 18 位且校验通过，请对照营业执照核对")
    return Clean(code)


def clean_money(text: str, today: dt.date) -> Clean:
    """Amount in yuan, at least 0, at most 2 decimals, written as 320.50."""
    number = read_number(text.replace(",", "").replace("，", "").rstrip("元"))
    if number < 0:
        raise BadValue("金额不能小于 0，没有请填 0")
    if number != number.quantize(Decimal("0.01")):
        raise BadValue("金额最多两位小数（精确到分），请修改")
    if number >= 10**10:
        raise BadValue("金额太大，请核对单位是不是元")
    return Clean(f"{number:.2f}")


def clean_month(text: str, today: dt.date) -> Clean:
    """A month, as 2026-03."""
    month = narrow(text)
    if not MONTH.fullmatch(month):
        raise BadValue("月份请写成 2026-03 的样子")
    return Clean(month)


def read_number(text: str) -> Decimal:
    """A plain number (no exponent, at most 12 digits before and 10 after the point); raises BadValue."""
    plain = narrow(text)
    if not PLAIN_NUMBER.fullmatch(plain):
        raise BadValue("请填写数字，例如 1200 或 1200.50")
    return Decimal(plain)


CLEANERS: dict[str, Callable[[str, dt.date], Clean]] = {
    "cn_id": clean_id,
    "mobile": clean_mobile,
    "phone": clean_phone,
    "bank_account": clean_account,
    "uscc": clean_uscc,
    "money": clean_money,
    "month": clean_month,
}
