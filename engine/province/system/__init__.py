"""The other side, for demonstrations and tests: a provincial system for 高龄津贴 with a server and a memory of its own.

It shares with ours only how requests are signed. It can be slow, down, silent, answer twice, out of order and against
itself, so that what we do then can be seen.
"""
