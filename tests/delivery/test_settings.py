"""channels.toml and var/delivery.toml: what is wrong is said with file and place; secrets stay out of the policy."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.delivery.errors import SettingsInvalid
from engine.delivery.file import FileSink
from engine.delivery.letter import Letter
from engine.delivery.outlets import Outlets, mobile, open_outlets
from engine.delivery.policy import read_policy
from engine.delivery.webhook import Webhook
from tests.delivery.conftest import POLICY
from tests.support.office import moment

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Outlets]
HOOK = '[sms]\nkind = "webhook"\nurl = "https://gateway.example.org/sms"\nsecret = "0123456789abcdef"\n'
MAIL = '[mail]\nkind = "mail"\nhost = "mail.example.org"\nport = 465\nsender = "notice@example.org"\n'


def letter(**changes: Any) -> Letter:
    plain = {"key": "k", "channel": "sms", "address": "13800000000", "kind": "告知", "title": "补正", "text": "请补正"}
    return Letter(**{**plain, "number": "341702DB202603020001", "at": moment("2026-03-02"), **changes})


def test_our_own_policy_can_be_read_and_every_channel_works_without_settings(tmp_path: Path) -> None:
    policy = read_policy(ROOT)
    assert {"sms", "wechat", "mail"} == set(policy.ways)
    for rule in policy.rules:
        assert "{text}" not in rule.text, "titles only: the texts of diagrams name people and amounts"
    target = tmp_path / "processes" / "policy"
    target.mkdir(parents=True)
    (target / "channels.toml").write_bytes((ROOT / "processes/policy/channels.toml").read_bytes())
    assert all(isinstance(outlet.channel, FileSink) for outlet in open_outlets(tmp_path).outlets.values())


def test_an_installation_without_a_policy_sends_nothing(tmp_path: Path) -> None:
    assert open_outlets(tmp_path).outlets == {}


def test_the_file_is_a_line_a_letter_and_for_the_owner_alone(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "outbox")
    for title in ("补正\n材料", "受理"):
        sink.send(letter(title=title))
    (file,) = (tmp_path / "outbox").iterdir()
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert file.name == "sms-2026-03-02.jsonl"
    assert [line["title"] for line in lines] == ["补正\n材料", "受理"]
    assert lines[0]["at"] == "2026-03-02T09:00:00+08:00"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_may_come_from_the_environment(outlets: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = HOOK.replace("0123456789abcdef", "env:SMS_SECRET")
    with pytest.raises(SettingsInvalid, match="环境变量 SMS_SECRET 没有设置"):
        outlets(settings)
    monkeypatch.setenv("SMS_SECRET", "from the environment")
    channel = outlets(settings).outlets["sms"].channel
    assert isinstance(channel, Webhook)
    assert channel.secret == "from the environment"


@pytest.mark.parametrize(
    "settings, said",
    [
        ("[sms", "delivery.toml 的格式：不是合格的 TOML"),
        ('[fax]\nkind = "mail"', "[fax]：channels.toml 里没有这个渠道"),
        ('[sms]\nkind = "pigeon"', "[sms]：kind 应为 mail、webhook 之一"),
        (HOOK.replace("https", "http"), "url 应以 https:// 开头"),
        (HOOK.replace("https://", "file://"), "url 应以 https:// 开头"),
        (HOOK.replace("0123456789abcdef", "short"), "secret 至少 16 位"),
        (HOOK + "timeout = 600", "timeout 应为 1 到 60"),
        (HOOK + "senders = 0", "senders 应为 1 到 16"),
        (HOOK + 'senders = "2"', "senders 应为整数"),
        (HOOK + "retries = 3", "有不认识的项 retries"),
        (MAIL.replace("port = 465\n", ""), "[mail]：缺少 port"),
        (MAIL + 'security = "maybe"', "security 应为 tls、starttls、none 之一"),
        (MAIL.replace("notice@", "notice "), "sender 不是邮箱地址"),
        ('[mailboxes]\nzhen = "秋浦街道"', "[mailboxes] zhen：不是邮箱地址"),
        ('mailboxes = "zhen@example.org"', "[mailboxes]：应为一段"),
    ],
)
def test_wrong_settings_are_refused_with_the_place(outlets: Open, settings: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        outlets(settings)
    assert said in refused.value.message


@pytest.mark.parametrize(
    "wrong, right, said",
    [
        ("stale_days = seven", "stale_days = 7", "不是合格的 TOML"),
        ('stale_days = "7"', "stale_days = 7", "开头：stale_days 应为整数"),
        ("retry_minutes = [0]", "retry_minutes = [1, 5, 30]", "retry_minutes：应为正整数的列表"),
        ('hours = ["8", "25"]', 'hours = ["08:00", "20:00"]', "第 1 个 [[channel]]：hours 应为起止两个时刻"),
        ('hours = ["20:00", "08:00"]', 'hours = ["08:00", "20:00"]', "hours 的开始要早于结束"),
        ('id = "短信"', 'id = "sms"', "id 只用小写字母"),
        ('id = "mail"', 'id = "sms"', "有两个渠道的 id 相同"),
        ('address = "fax"', 'address = "mail"', "第 2 个 [[channel]]：address 写的是「fax」"),
        ('to = "everybody"', 'to = "staff"', "第 2 个 [[rule]]：to 写的是「everybody」"),
        ('channels = ["fax"]', 'channels = ["sms"]', "没有渠道 fax"),
        ("{title}{secret}", "{title}（", "text 里的 secret 不认识"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_place(outlets: Open, wrong: str, right: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        outlets("", POLICY.replace(right, wrong))
    assert said in refused.value.message


@pytest.mark.parametrize(
    "text, number",
    [
        ("13800000000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("（138）00000000", "13800000000"),
        ("0566-1234567", None),
        ("12800000000", None),
        ("138000000001", None),
        (None, None),
    ],
)
def test_only_mobile_telephones_get_messages(text: str | None, number: str | None) -> None:
    assert mobile(text) == number
