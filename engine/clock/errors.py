"""Every way in which a question to the clock can be wrong, each said in Chinese with what to do about it."""


class ClockError(Exception):
    """Base of all errors of the clock; `str(error)` is a Chinese sentence for the reader."""


class LimitNotUnderstood(ClockError):
    """A limit or recurring start that can't be read. Carries the `text` and the `reason`, if one is known."""

    def __init__(self, text: str, reason: str = "") -> None:
        self.text, self.reason = text, reason
        why = f"：{reason}" if reason else ""
        super().__init__(
            f"时限“{text}”无法识别{why}。请写成“5个工作日”“7日”“48小时”“3个月”，定时启动请写成“每月1日 08:00”。"
        )


class StartNotUnderstood(ClockError):
    """A start that is no date and no moment. Carries the `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"起始时间“{text}”无法识别。请写成“2026-02-13”或“2026-02-13T10:00”（北京时间）。")


class TimeWithoutZone(ClockError):
    """A moment without a time zone reached the clock. Carries the `moment`'s text."""

    def __init__(self, moment: object) -> None:
        self.moment = str(moment)
        super().__init__(f"时间“{moment}”没有时区，无法确定是哪一天。请带上时区，例如“2026-02-13T10:00+08:00”。")


class YearOutOfRange(ClockError):
    """A year for which working days are neither published nor computable. Carries `year`, `first` and `last`."""

    def __init__(self, year: int, first: int, last: int) -> None:
        self.year, self.first, self.last = year, first, last
        super().__init__(f"无法计算{year}年的工作日：日历只覆盖{first}年至{last}年。请核对日期是否写错。")


class PauseBackwards(ClockError):
    """A pause that ends before it begins. Carries its `begin` and `end`."""

    def __init__(self, begin: object, end: object) -> None:
        self.begin, self.end = begin, end
        super().__init__(f"暂停的结束时间（{end}）早于开始时间（{begin}）。请核对这两个时间。")


class ExtensionUnitDiffers(ClockError):
    """An extension counted in another unit than its limit. Carries both texts."""

    def __init__(self, limit: str, extension: str) -> None:
        self.limit, self.extension = limit, extension
        super().__init__(f"时限为“{limit}”，延长“{extension}”的单位不同，无法相加。请用同一单位填写延长的时间。")


class RegisterInvalid(ClockError):
    """A table of limits or of rest days that can't be used. Carries `path`, `where` and `problem`."""

    def __init__(self, path: object, where: str, problem: str) -> None:
        self.path, self.where, self.problem = str(path), where, problem
        super().__init__(f"{path} 中{where}有误：{problem}")


class LimitUnknown(ClockError):
    """A limit id that the register doesn't hold. Carries the `limit_id`."""

    def __init__(self, limit_id: str) -> None:
        self.limit_id = limit_id
        super().__init__(f"时限登记表中没有编号“{limit_id}”。请核对编号，或在 limits.toml 中登记后再用。")


class RegionNotUnderstood(ClockError):
    """A region that is no division code. Carries the `region`."""

    def __init__(self, region: str) -> None:
        self.region = region
        super().__init__(f"地区代码“{region}”无法识别。请填写行政区划代码，例如“341702”。")


class NoticeInvalid(ClockError):
    """A file of notices that can't be used. Carries `name` of the file, `where` in it and the `problem`."""

    def __init__(self, name: str, where: str, problem: str) -> None:
        self.name, self.where, self.problem = name, where, problem
        super().__init__(f"{name} 中{where}有误：{problem}" if where else f"{name} 不能导入：{problem}")
