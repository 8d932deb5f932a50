"""What pages show: read only, within the actor's sight, masked before it leaves."""

from engine.cases.views.boards import notices
from engine.cases.views.case import CasePage, case, file
from engine.cases.views.diagram import diagram_state, diagram_xml
from engine.cases.views.follow import FollowPage, follow
from engine.cases.views.inbox import Inbox, InboxRow, inbox, search
from engine.cases.views.letters import letters, unread_count
from engine.cases.views.messages import message_form, messages
from engine.cases.views.start import start_form, startable
from engine.cases.views.task import TaskPage, places_of_task, task

__all__ = [
    "CasePage",
    "FollowPage",
    "Inbox",
    "InboxRow",
    "TaskPage",
    "case",
    "diagram_state",
    "diagram_xml",
    "file",
    "follow",
    "inbox",
    "letters",
    "message_form",
    "messages",
    "notices",
    "places_of_task",
    "search",
    "start_form",
    "startable",
    "task",
    "unread_count",
]
