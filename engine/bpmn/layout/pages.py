"""Hides how the pools and processes of a file are put together on one page."""

from pathlib import Path

from engine.bpmn.layout.drawing import draw_scope
from engine.bpmn.layout.reading import Plan, Pool, read_plan, read_root
from engine.bpmn.layout.shapes import HEADER, Box, Flow, Picture
from engine.bpmn.layout.writing import write_picture

LEFT, TOP, POOL_GAP, EMPTY_POOL = 160, 80, 60, 60


def layout(source: bytes | str | Path) -> bytes:
    """The BPMN file (its bytes, or a path to it) with its diagram drawn anew; nothing else changes.

    The same semantic part always gives the same bytes, whatever diagram the file had before.
    Raises DiagramNotReadable for what isn't a BPMN file, DiagramNotDrawable for one that contradicts itself,
    OSError if the path can't be read.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    root = read_root(data, "流程图" if isinstance(source, bytes) else str(source))
    plan = read_plan(root)
    return write_picture(data, root, plan.plane, _draw(plan))


def _draw(plan: Plan) -> Picture:
    page = Picture()
    top = float(TOP)
    for scope in plan.scopes:
        page.take(draw_scope(scope), LEFT, top)
    drawn = [(pool, _draw_pool(pool)) for pool in plan.pools]
    width = max((picture.width for _, picture in drawn), default=0)
    for pool, picture in drawn:
        picture.boxes[pool.id] = Box(0, 0, width, picture.height)
        for lane in _lane_ids(pool):
            box = picture.boxes[lane]
            picture.boxes[lane] = Box(box.x, box.y, width - box.x, box.height)
        page.take(picture, LEFT, top)
        top += picture.height + POOL_GAP
    for message in plan.messages:
        _draw_message(message, page)
    return page


def _draw_pool(pool: Pool) -> Picture:
    picture = Picture()
    picture.horizontal.add(pool.id)
    if pool.scope is None:
        picture.width, picture.height = 600, EMPTY_POOL
        return picture
    body = draw_scope(pool.scope)
    picture.take(body, HEADER, 0)
    picture.width, picture.height = body.width + HEADER, body.height
    return picture


def _lane_ids(pool: Pool) -> list[str]:
    if pool.scope is None or not pool.scope.drawn_lanes:
        return []
    found, rest = [], list(pool.scope.lanes)
    while rest:
        lane = rest.pop()
        found.append(lane.id)
        rest += lane.children
    return found


def _draw_message(message: Flow, page: Picture) -> None:
    """A message runs straight up or down between a node and the other pool."""
    one, other = page.boxes.get(message.source), page.boxes.get(message.target)
    if one is None or other is None:
        return
    x = round((one if one.width < other.width else other).x + min(one.width, other.width) / 2)
    downward = one.y < other.y
    page.lines[message.id] = [(x, one.bottom if downward else one.y), (x, other.y if downward else other.bottom)]
