"""A short ladder for the small office, and its people higher up."""

from __future__ import annotations

LADDER = """
hour = 08:30:00

[[kind]]
name = "提醒"
word = "提醒"
text = "办件{办件编号}（{申请人}）的「{事项}」应于{到期日}前完成，{还剩}，请抓紧办理。（{编号}）"

[[kind]]
name = "黄灯"
word = "预警"
text = "「{事项}」{还剩}，请{单位}优先办理。（{编号}）"

[[kind]]
name = "红灯"
word = "超期"
text = "「{事项}」已超过{时限}。（{编号}）"

[[kind]]
name = "督办"
word = "督催"
text = "「{事项}」应于{到期日}前完成，{还剩}，仍未办结。（{编号}）"

[[ladder]]
name = "一般时限"

[[ladder.rung]]
kind = "提醒"
at = "提前1个工作日"
tell = ["holder"]

[[ladder.rung]]
kind = "黄灯"
at = "黄灯"
tell = ["holder", "deputy_head@unit"]

[[ladder.rung]]
kind = "红灯"
at = "到期"
drawn = true

[[ladder.rung]]
kind = "督办"
at = "超期1个工作日"
tell = ["holder", "deputy_head@unit"]

[[ladder.rung]]
kind = "督办"
at = "超期3个工作日"
tell = ["deputy_head@unit", "county_clerk@unit"]

[urge]
word = "催办"
roles = ["county_clerk"]
senders = ["window_clerk@application_township"]
workdays = 1
"""
