"""Mails as the programs of real people write them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

ZOE = "zoe@mail.example"
DESK = "desk@sparkle.example"


def letter(body: str = "Where is my stamp?", sender: str = f"Zoe Quill <{ZOE}>", **headers: Any) -> bytes:
    """A plain mail; headers by their names with _ for -, None for one that it is to have not."""
    message = EmailMessage()
    given = {"From": sender, "To": DESK, "Subject": "A stamp is missing", "Message_ID": "<1@mail.example>", **headers}
    for name, value in given.items():
        if value is not None:
            message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


OUTLOOK = (
    b"From: =?koi8-r?B?4c7OwSDwxdTSz9fB?= <anna@mail.example>\r\nTo: desk@sparkle.example\r\n"
    b"Subject: =?koi8-r?Q?Re:_=FB=D4=C1=CD=D0?=\r\nMessage-ID: <outlook@mail.example>\r\n"
    b"X-Mailer: Microsoft Outlook 16.0\r\nX-Auto-Response-Suppress: OOF\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="koi8-r"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
) + (
    "Спасибо, штамп на месте.\r\n\r\n-----Original Message-----\r\nFrom: Sparkle <desk@sparkle.example>\r\n"
    "Sent: Thursday, November 26, 2026 10:00 AM\r\nTo: Anna\r\nSubject: Штамп\r\n\r\nЗдравствуйте!\r\n"
).encode("koi8-r")
GMAIL = (
    "From: Anna <anna@mail.example>\r\nTo: desk@sparkle.example\r\nSubject: Re: Stamp\r\n"
    "Message-ID: <CA+gmail@mail.example>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="0000"\r\n\r\n'
    "--0000\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "0KHQv9Cw0YHQuNCx0L4hCgrRh9GCLCAyNiDQvdC+0Y/QsS4gMjAyNiDQsy4g0LIgMTA6MDAsIFNwYXJrbGUgPGRlc2tAc3BhcmtsZS5l\r\n"
    "eGFtcGxlPjoKCj4gRGVhciBBbm5hLAo+IHlvdXIgc3RhbXAgaXMgdGhlcmUuCj4KPiBTcGFya2xlCg==\r\n"
    "--0000\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p>Спасибо!</p>\r\n--0000--\r\n"
).encode()
IPHONE = (
    b"From: Anna <anna@mail.example>\r\nTo: desk@sparkle.example\r\nSubject: Photo\r\n"
    b"Message-ID: <iphone@mail.example>\r\nX-Mailer: iPhone Mail (22A)\r\nMIME-Version: 1.0 (1.0)\r\n"
    b"Content-Type: multipart/mixed; boundary=Apple-Mail-1\r\n\r\n"
    b"--Apple-Mail-1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThe kitchen.\r\n"
    b'--Apple-Mail-1\r\nContent-Type: image/png; name="=?utf-8?B?0JrRg9GF0L3Rjy5wbmc=?="\r\n'
    b"Content-Disposition: inline; filename*=utf-8''%D0%9A%D1%83%D1%85%D0%BD%D1%8F.png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    b"--Apple-Mail-1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nSent from my iPhone\r\n--Apple-Mail-1--\r\n"
)
CP1251_UNDECLARED = (
    b"From: anna@mail.example\r\nTo: desk@sparkle.example\r\nSubject: \xcf\xf0\xe8\xe2\xe5\xf2\r\n"
    b"Message-ID: <raw@mail.example>\r\n\r\n" + "Где мой штамп?\r\n".encode("cp1251")
)
FLOWED = (
    b"From: anna@mail.example\r\nSubject: Flowed\r\nMessage-ID: <flowed@mail.example>\r\n"
    b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n"
    b"One paragraph that was  \r\nbroken for the  \r\nway.\r\nAnother.\r\n"
)
HTML_ONLY = (
    "From: anna@mail.example\r\nSubject: Html\r\nMessage-ID: <html@mail.example>\r\n"
    "Content-Type: text/html; charset=windows-1251\r\n\r\n"
    "<html><head><style>p{color:red}</style><script>alert(1)</script></head><body><p>Добрый день!</p>"
    "<p>Где <b>штамп</b>?</p><blockquote type=cite><p>Здравствуйте, Анна</p></blockquote></body></html>\r\n"
).encode("cp1251")
SMIME = (
    b"From: anna@mail.example\r\nSubject: Signed\r\nMessage-ID: <smime@mail.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"\r\n\r\n'
    b"--s\r\nContent-Type: text/plain\r\n\r\nSigned words.\r\n"
    b"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename=smime.p7s\r\n\r\nMIIB\r\n--s--\r\n"
)
INVITE = (
    b"From: anna@mail.example\r\nSubject: Invitation\r\nMessage-ID: <invite@mail.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nLet us meet.\r\n"
    b"--i\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"
    b"END:VCALENDAR\r\n--i--\r\n"
)
UNKNOWN_CHARSET = (
    b"From: anna@mail.example\r\nSubject: =?x-klingon?Q?Hello?=\r\nMessage-ID: <klingon@mail.example>\r\n"
    b"Content-Type: text/plain; charset=x-klingon\r\n\r\nStill words.\r\n"
)
BROKEN_MIME = (
    b"From: anna@mail.example\r\nSubject: Broken\r\nMessage-ID: <broken@mail.example>\r\n"
    b'Content-Type: multipart/mixed; boundary="never"\r\n\r\nNo part begins here.\r\n'
)
BOMB = (
    b"From: anna@mail.example\r\nSubject: Bomb\r\nMessage-ID: <bomb@mail.example>\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n\r\n" * 100_000 + b"--b--\r\n"
)


def bounce(original: str, action: str = "failed") -> bytes:
    """What a mail server says about a mail of ours that it could not deliver."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: desk@sparkle.example\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{action}@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n'
        "--r\r\nContent-Type: text/plain\r\n\r\nI could not deliver your message.\r\n"
        "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; zoe@mail.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n\r\n"
        f"--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nSubject: A stamp\r\n\r\n--r--\r\n"
    ).encode()
