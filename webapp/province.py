"""Where the provincial system brings its answers: one signed request an answer, taken once (S3-07)."""

from __future__ import annotations

import json
import logging

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from engine.delivery.errors import SettingsInvalid
from engine.province import answers, signing
from engine.province.errors import AnswerInvalid, SignatureInvalid
from engine.province.link import Link, open_link
from webapp.security import csrf
from webapp.steps import office

pages = Blueprint("province", __name__, url_prefix="/province")
MOST_BYTES = 64 * 1024
log = logging.getLogger("jiuzhu.province")
csrf.exempt(pages)  # no session stands behind it: the signature does


@pages.post("/answers")
def hear() -> ResponseReturnValue:
    """Take an answer. 200 says that it is kept, whatever became of it; the same answer again is answered alike."""
    link = _link()
    if link is None:
        return _refused("本系统没有配置与省系统的连接", 503)
    if (request.content_length or 0) > MOST_BYTES:
        return _refused("答复太大", 413)
    body, now = request.get_data(cache=False), office().clock()
    try:
        signing.check(dict(request.headers), body, link.secret, now)
        content = json.loads(body)
        answer = answers.read(content if isinstance(content, dict) else {})
    except SignatureInvalid as problem:
        return _refused(problem.message, 401)
    except AnswerInvalid as problem:
        return _refused(problem.message, 422)
    except ValueError:
        return _refused("不是合格的 JSON", 400)
    return jsonify(status=answers.receive(office().runtime, answer, "回调", now))


def _link() -> Link | None:
    """The link, read once; None when there is none or its settings are wrong, which the operator's page says."""
    known = current_app.extensions
    if "province" not in known:
        try:
            known["province"] = open_link(office().runtime.root)
        except (SettingsInvalid, OSError) as problem:
            log.error("answers of the province can't be taken: %s", problem)
            known["province"] = None
    found: Link | None = known["province"]
    return found


def _refused(message: str, status: int) -> ResponseReturnValue:
    log.warning("an answer was refused: %s", message)
    return jsonify(error=message), status
