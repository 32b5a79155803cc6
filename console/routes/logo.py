"""The business's logo, now and once: each has an address of its own, so that browsers may keep it for ever."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from console.domain.business import queries
from console.routes._guards import PUBLIC

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@get("/logo/{logo:int}", opt={**PUBLIC, "no_session": True})
async def show(logo: FromPath[int]) -> Response[bytes]:
    picture = await queries.picture(logo)
    return Response(picture.content, media_type=picture.media_type, headers=FOR_EVER)


ROUTES = [show]
