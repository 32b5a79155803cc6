"""A form that came too late: the session has ended, or the page was rendered for another one. Nothing typed is lost.

To htmx the page stays as it is, with words where to sign in. To a plain form, and once somebody is signed in, a page
answers that holds what was typed and sends it again, in the name that it says.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response

from console import i18n
from console.routes._bodies import CSRF
from console.routes._fields import SECRETS
from console.routes._page import Req, back, frame, rendered, stays
from console.routes._toasts import Toast

NOT_KEPT = {CSRF}
LONGEST_SHOWN = 200
OURS = {"intent", "version", "next"}
"""Hidden fields of ours, which are sent again and not shown."""


def asked_again(request: Req) -> Response[Any]:
    """What `TooLate` and `SignedOut` are answered with."""
    sign_in = f"/sign-in?next={quote(back(request))}"
    made = frame(request, i18n.gettext("title.send_again"))
    if made.fragment and not made.person:
        return stays(made, Toast(i18n.gettext("refused.signed_out"), refused=True, url=sign_in), 403)
    sent = request.scope["state"]["sent"]
    pairs = [
        (name, text)
        for name, texts in sent.texts.items()
        if name not in NOT_KEPT and name not in SECRETS
        for text in texts
    ]
    context = {
        "action": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
        "pairs": pairs,
        "typed": [text[:LONGEST_SHOWN] for name, text in pairs if name not in OURS and text.strip()],
        "lost": bool(sent.files) or any(name in SECRETS for name in sent.texts),
        "sign_in": sign_in,
        "out": back(request),
    }
    return rendered("errors/again.html", made, context, status=403)
