"""Which whole days, and how much time, a set of pauses takes out of a limit, each counted once however they overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from engine.clock.days import ONE_DAY, day_of, end_of, local, start_of
from engine.clock.errors import PauseBackwards

_FOREVER = datetime.max.replace(tzinfo=UTC)
STOOD = "系统停机"  # the reason of a pause that is no pause of the case: nothing ran


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from `begin` to `end` (aware; None while the pause is open) because of `reason`."""

    begin: datetime
    end: datetime | None = None
    reason: str = "暂停"

    def __post_init__(self) -> None:
        if local(self.begin) > local(self.end or self.begin):
            raise PauseBackwards(self.begin, self.end)


class PausedTime:
    """The union of some pauses, asked by day or by moment."""

    def __init__(self, pauses: Sequence[Pause]) -> None:
        self._pauses = sorted(pauses, key=lambda pause: pause.begin)
        self._spans = merged(self._pauses)
        self._days = [_whole_days(begin, end) for begin, end in self._spans]

    def covers(self, day: date) -> bool:
        """Whether the whole Shanghai `day` is paused; days on part of which the clock ran count as running."""
        return bool(self._days) and any(first <= day <= last for first, last in self._days)

    def is_open_on(self, day: date) -> bool:
        """Whether `day` lies wholly in a pause that has no end yet."""
        return bool(self._days) and self._days[-1][1] == date.max and day >= self._days[-1][0]

    def reason(self, day: date) -> str:
        """Why `day` doesn't count: the reasons of the pauses touching it, joined by 、."""
        begin, end = start_of(day), start_of(day + ONE_DAY)
        touching = [p.reason for p in self._pauses if p.begin < end and (p.end is None or p.end > begin)]
        return "、".join(dict.fromkeys(touching))

    def shifted(self, start: datetime, length: timedelta) -> datetime | None:
        """The moment at which `length` of running time has passed since `start`; None while an open pause holds it."""
        due = start + length
        for begin, end in self._spans:
            if end <= start:
                continue
            if begin >= due:
                break
            if end == _FOREVER:
                return None
            due += end - max(begin, start)
        return due


def merged(pauses: Sequence[Pause]) -> list[tuple[datetime, datetime]]:
    """The spans that pauses in the order of their beginnings cover together, in UTC."""
    spans: list[tuple[datetime, datetime]] = []
    for pause in pauses:
        begin, end = pause.begin.astimezone(UTC), (pause.end or _FOREVER).astimezone(UTC)
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


def _whole_days(begin: datetime, end: datetime) -> tuple[date, date]:
    """First and last day wholly inside; the last lies before the first when there is none.

    A pause that ends by itself ends in the last second of a day: that whole day was paused.
    """
    first = day_of(begin)
    if begin > start_of(first):
        first += ONE_DAY
    if end == _FOREVER:
        return first, date.max
    last = day_of(end)
    return first, last if end >= end_of(last) else last - ONE_DAY
