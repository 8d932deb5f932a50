"""The channel by electronic mail: hides SMTP, its encryption and its many ways to say no."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from engine.clock.days import local
from engine.delivery.errors import Permanent, Temporary
from engine.delivery.letter import Letter

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class Mail:
    """One mail server. `security`: encrypted from the start, by STARTTLS, or not at all (only within the house)."""

    host: str
    port: int
    sender: str
    security: Security = "tls"
    user: str = ""
    password: str = ""
    timeout: float = 20

    def send(self, letter: Letter) -> None:
        """Hand it to the server; what is refused for good (5xx about sender, address or text) isn't tried again."""
        try:
            self._send(self._message(letter), letter.address)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refused("收件地址", code, words) from error
        except smtplib.SMTPAuthenticationError as error:  # our own settings: the letter isn't to blame
            raise Temporary(f"邮件服务器不接受登录（{error.smtp_code}），请核对 var/delivery.toml") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _refused("这封邮件", error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Temporary(f"邮件服务器 {self.host}:{self.port} 连接不上或中断（{error}）") from error

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.address
        message["Subject"] = letter.title
        message["Date"] = format_datetime(local(letter.at))
        message["Message-ID"] = f"<{letter.key}@{self.sender.rpartition('@')[2]}>"  # the same at every attempt
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _send(self, message: EmailMessage, address: str) -> None:
        server = self._connect()
        try:
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message, self.sender, [address])
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has the letter: a rude goodbye is no failure
                server.quit()
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def _refused(what: str, code: int, words: bytes | str) -> Temporary | Permanent:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    message = f"邮件服务器不接受{what}（{code} {said[:120]}）"
    return Permanent(message) if code >= 500 else Temporary(message)
