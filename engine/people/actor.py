"""Hides who is acting: one account, on a day, with the posts that it holds on that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PUBLIC_PREFIX = "public:"


@dataclass(frozen=True, slots=True)
class Post:
    """A role held at a unit; `unit_path` is the unit's place in the tree ("/chizhou/guichi/qiupu/")."""

    role: str
    unit_id: str
    unit_path: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account, shown name, posts valid today, where the request came from, and for whom it is made.

    `origin` is channel and address ("皖事通 10.0.0.8"); `for_whom` the name of the person an agent acts for; `day`
    that on which the posts are valid.
    """

    account_id: str
    name: str
    posts: tuple[Post, ...] = ()
    origin: str = ""
    for_whom: str | None = None
    day: date | None = None

    @property
    def is_public(self) -> bool:
        """A citizen without an account: an applicant or an agent, known by case number and code."""
        return self.account_id.startswith(PUBLIC_PREFIX)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.posts)

    def holds(self, role: str, unit_id: str) -> bool:
        """Whether this is one of the actor's posts today."""
        return any(post.role == role and post.unit_id == unit_id for post in self.posts)


CLOCK = Actor("clock", "时钟")  # what happens because time has passed


def public(case_number: str, name: str, *, origin: str = "", for_whom: str | None = None) -> Actor:
    """The citizen behind a case number and code; `name` is the applicant's, or the agent's with `for_whom`."""
    return Actor(f"{PUBLIC_PREFIX}{case_number}", name, (), origin, for_whom)
