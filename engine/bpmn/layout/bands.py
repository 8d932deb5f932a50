"""Hides how the bands of the offices are framed: as lanes in a pool, as groups inside a subprocess."""

from engine.bpmn.layout.measures import Sheet
from engine.bpmn.layout.shapes import HEADER, LABEL_LINE, Box, Lane, Picture, leaves


def frame_bands(sheet: Sheet, picture: Picture) -> None:
    """Frame the bands: as lanes in a pool, as groups inside a subprocess, where no modeler shows lanes."""
    scope = sheet.scope
    if scope.drawn_lanes:
        _move_right(picture, HEADER * max(_depth(lane) for lane in scope.lanes))
        sheet.bands[-1] = (sheet.bands[-1][0], picture.height)
        places = {id(lane): band for lane, band in zip(scope.bands(), sheet.bands, strict=True)}
        for lane in scope.lanes:
            _paint_lane(lane, 0, places, picture)
        return
    bands = {lane.name: band for lane, band in zip(scope.bands(), sheet.bands, strict=True)}
    framed = {group: bands[name] for group, name in scope.groups.items() if name in bands}
    if framed:
        _move_right(picture, HEADER)
    for group, (top, bottom) in framed.items():
        picture.boxes[group] = Box(0, top + 3, picture.width, bottom - top - 6)
        picture.labels[group] = _upright_label(scope.groups[group], top, bottom)


def _upright_label(name: str, top: float, bottom: float) -> Box:
    """Room for a band's name at its left edge, one character a line, or two where the band is too low."""
    lines = len(name) if len(name) * LABEL_LINE < bottom - top - 12 else -(-len(name) // 2)
    width = 14 if lines == len(name) else 25
    height = lines * LABEL_LINE
    return Box(8, round((top + bottom - height) / 2), width, height)


def _move_right(picture: Picture, by: float) -> None:
    moved = Picture()
    moved.take(picture, by, 0)
    picture.boxes, picture.labels, picture.lines = moved.boxes, moved.labels, moved.lines
    picture.width += by


def _paint_lane(lane: Lane, level: int, places: dict[int, tuple[float, float]], picture: Picture) -> None:
    inner = [places[id(leaf)] for leaf in leaves(lane)]
    top, bottom = inner[0][0], inner[-1][1]
    picture.boxes[lane.id] = Box(HEADER * level, top, picture.width - HEADER * level, bottom - top)
    picture.horizontal.add(lane.id)
    for child in lane.children:
        _paint_lane(child, level + 1, places, picture)


def _depth(lane: Lane) -> int:
    return 1 + max((_depth(child) for child in lane.children), default=0)
