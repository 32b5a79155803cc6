"""What a mail says and what it only repeats, as plain text; and the files that came with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

import html_text
import quotequail

from console.domain.tickets.contents import LONGEST_NAME, Upload
from workers import mail_headers
from workers.mail_headers import decoded

LONGEST = 400_000
"""Characters of one part of a mail that are looked at, and of all of them together."""
ENDING = 20
"""Characters that are kept of the end of a name that is too long."""
SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
"""Parts that only prove who wrote: no files to anybody."""
_ENDINGS = {"text/calendar": ".ics", "text/html": ".html", "message/rfc822": ".eml", "application/pkcs7-mime": ".p7m"}
MOST_LINES = 1_000
"""A part of more lines is not searched for what it repeats: that takes as long as their square."""
LONGEST_LEAD = 500
_LEAD = re.compile(r".*<[^<>]+@[^<>]+>.*:\s*")
"""The line before a quotation that says who wrote it, in a language that quotequail does not know."""


@dataclass(frozen=True)
class Said:
    """A part of a mail's text: what is new in it, and the older conversation."""

    new: str
    quoted: str = ""


def said(message: Message) -> Said:
    """The text of a mail: its plain parts, and those of HTML where there is no plain one beside them."""
    parts = list(_said(message))
    texts = ("\n\n".join(filter(None, some)) for some in ([p.new for p in parts], [p.quoted for p in parts]))
    return Said(*(text[:LONGEST] for text in texts))


def files(message: Message) -> Iterator[Upload]:
    """What is no text of the mail, each with a name."""
    for part in _leaves(message):
        if part.get_content_type() in SIGNATURES or (_is_text(part) and part.get_content_type() != "text/calendar"):
            continue
        kind = part.get_content_type()
        name = _name(part) or f"{kind.partition('/')[0]}{_ENDINGS.get(kind, '')}"
        yield Upload(_shortened(name), _content(part))


def text_of(part: Message) -> str:
    """A part's text in whatever charset it is; one that nobody knows, or that is not so, is guessed."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    declared = part.get_content_charset() or "utf-8"
    for charset in (declared, "utf-8", "cp1251"):
        try:
            return clean(content.decode(charset))
        except (LookupError, UnicodeError):
            continue
    return clean(content.decode("latin-1"))


def clean(text: str) -> str:
    """A text that a database takes, with one kind of line's end."""
    plain = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    return "".join(one for one in plain[:LONGEST] if one in "\n\t" or (ord(one) >= 32 and one != "\x7f"))


def unflowed(text: str, delsp: bool) -> str:
    """A text whose lines were broken for the way, in one line a paragraph again (RFC 3676)."""
    out: list[tuple[str, str, bool]] = []
    for line in text.split("\n"):
        bare = line.lstrip(">")
        marks, bare = line[: len(line) - len(bare)], bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        if out and out[-1][2] and out[-1][0] == marks and bare != "-- ":
            before = out.pop()[1]
            bare = (before[:-1] if delsp else before) + bare
        out.append((marks, bare, flows))
    return "\n".join(f"{marks} {bare}" if marks else bare for marks, bare, _ in out)


def _said(part: Message) -> Iterator[Said]:
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        yield from _best([list(_said(one)) for one in _children(part)])
    elif part.is_multipart() and kind != "message/rfc822":
        for one in _children(part):
            yield from _said(one)
    elif _is_text(part) and kind == "text/html":
        yield _of_html(text_of(part))
    elif _is_text(part) and kind != "text/calendar":
        yield _of_plain(part)


def _best(versions: list[list[Said]]) -> list[Said]:
    """Of the versions of one text the first that says anything: the plainest comes first."""
    return next((one for one in versions if any(said.new or said.quoted for said in one)), [])


def _of_plain(part: Message) -> Said:
    text = text_of(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        text = unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
    found = quotequail.unwrap(text) if text.count("\n") <= MOST_LINES else None
    if found is None:
        return Said(text.strip())
    top, bottom = found.get("text_top") or "", found.get("text_bottom") or ""
    whole = text.strip()
    repeated = whole[len(top) :] if not bottom and whole.startswith(top) else found.get("text") or ""
    return _parted(f"{top}\n{bottom}", repeated)


def _of_html(html: str) -> Said:
    if not html.strip():
        return Said("")
    found = quotequail.unwrap_html(html) if html.count("<") <= MOST_LINES * 10 else None
    if found is None:
        return Said(html_text.extract_text(html).strip())
    parts = [html_text.extract_text(found.get(name) or "") for name in ("html_top", "html_bottom", "html")]
    return _parted("\n".join(parts[:2]), parts[2])


def _parted(new: str, quoted: str) -> Said:
    new, quoted = new.strip(), quoted.strip()
    before, _, last = new.rpartition("\n")
    if quoted and len(last) <= LONGEST_LEAD and _LEAD.fullmatch(last):
        new, quoted = before.strip(), f"{last.strip()}\n{quoted}"
    return Said(new, quoted) if new else Said(quoted)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _leaves(part: Message) -> Iterator[Message]:
    children = [] if part.get_content_type() == "message/rfc822" else _children(part)
    if not part.is_multipart() or part.get_content_type() == "message/rfc822":
        yield part
    for child in children:
        yield from _leaves(child)


def _is_text(part: Message) -> bool:
    """Whether a part is read rather than kept: without a name it is, unless it says that it is attached."""
    if part.get_content_maintype() == "multipart":
        return True  # in which no part begins
    attached = part.get_content_disposition() == "attachment"
    return part.get_content_maintype() == "text" and not attached and not _name(part)


def _name(part: Message) -> str:
    return decoded((part.get_filename() or "")[: mail_headers.LONGEST])


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - ENDING - 1]}…{name[-ENDING:]}"


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return b"".join(one.as_bytes() for one in _children(part))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
