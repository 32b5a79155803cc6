"""A person at a browser without JavaScript: opens pages, reads them, fills in forms and sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode


def _seen(node: LexborNode) -> str:
    """The text of an element in one line, without what only a press opens in it."""
    if node.css_first("[popovertarget]") and node.html:
        copy = LexborHTMLParser(node.html)
        for one in copy.css("[popover]"):
            one.decompose()
        node = copy.body or node
    return " ".join(node.text().split())


@dataclass
class Page:
    """An answer, parsed."""

    response: httpx.Response
    tree: LexborHTMLParser

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return urlsplit(str(self.response.url)).path

    @property
    def heading(self) -> str:
        return self.words("h1")

    @property
    def toast(self) -> str:
        return self.words(".toast p")

    def words(self, selector: str) -> str:
        """The text of the first element, in one line; empty where there is none."""
        node = self.tree.css_first(selector)
        return _seen(node) if node else ""

    def all(self, selector: str) -> list[str]:
        return [_seen(node) for node in self.tree.css(selector)]

    def has(self, selector: str) -> bool:
        return self.tree.css_first(selector) is not None

    def error(self, field: str) -> str:
        """What stands at a field in words."""
        node = self.tree.css_first(f'[name="{field}"]')
        assert node is not None, f"no field {field} on {self.path}"
        for one in (node.attributes.get("aria-describedby") or "").split():
            if one.endswith("-error"):
                return self.words(f"#{one}")
        holder = node
        while holder is not None and "field" not in (holder.attributes.get("class") or "").split():
            holder = holder.parent
        found = holder.css_first(".error") if holder else None
        return " ".join(found.text().split()) if found else ""

    def value(self, field: str) -> str:
        """What stands in a field."""
        node = self.tree.css_first(f'[name="{field}"]')
        assert node is not None, f"no field {field} on {self.path}"
        if node.tag == "select":
            chosen = node.css_first("option[selected]")
            return chosen.attributes.get("value") or "" if chosen else ""
        if node.tag == "textarea":
            return node.text().removeprefix("\n")
        if node.attributes.get("type") in {"radio", "checkbox"}:
            chosen = self.tree.css_first(f'[name="{field}"][checked]')
            return (chosen.attributes.get("value") or "") if chosen else ""
        return node.attributes.get("value") or ""

    def form(self, action: str | None = None) -> LexborNode:
        """The form that posts there, or else asks there (the first of the content where nothing is said)."""
        selector = f'form[action="{action}"]' if action is not None else "#main form"
        posts = self.tree.css_first(f'{selector}[method="post"]') if action is not None else None
        node = posts or self.tree.css_first(selector)
        assert node is not None, f"no form for {action} on {self.path}: {self.words('main')[:300]}"
        return node

    def fields(self, action: str | None = None) -> dict[str, list[str]]:
        """What a browser would send of a form as it stands."""
        sent: dict[str, list[str]] = {}
        for node in self.form(action).css("input, select, textarea"):
            name, kind = node.attributes.get("name"), node.attributes.get("type")
            if not name or kind == "file":
                continue
            if kind in {"checkbox", "radio"} and "checked" not in node.attributes:
                continue
            if node.tag == "select":
                options = node.css("option")
                chosen = node.css_first("option[selected]") or (options[0] if options else None)
                sent.setdefault(name, []).append((chosen.attributes.get("value") or "") if chosen else "")
            elif node.tag == "textarea":
                sent.setdefault(name, []).append(node.text().removeprefix("\n"))
            else:
                sent.setdefault(name, []).append(node.attributes.get("value") or "")
        return sent


class Visitor:
    """One browser, with its cookies. Redirects are followed, as browsers do."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def open(self, url: str, **options: Any) -> Page:
        return read(await self.http.get(url, follow_redirects=True, **options))

    async def send(self, page: Page, action: str | None = None, *, press: str | None = None, **values: Any) -> Page:
        """Fill in a form of a page and send it. A value of None takes a field away; lists repeat it.

        `press` is "name=value" of the button used.
        """
        fields = page.fields(action)
        for name, value in values.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value if isinstance(value, list) else [str(value)]
        if press:
            name, _, value = press.partition("=")
            fields[name] = [value]
        target = page.form(action).attributes.get("action") or page.path
        return await self._post(target, fields, {"referer": str(page.response.url)})

    async def post(self, url: str, fields: dict[str, Any], **headers: str) -> Page:
        """Send what no page offers, or no more; under an intent of its own where the fields say none."""
        return await self._post(url, {"intent": str(uuid4()), **fields}, headers)

    async def _post(self, url: str, fields: dict[str, Any], headers: dict[str, str]) -> Page:
        return read(await self.http.post(url, data=fields, headers=headers, follow_redirects=True))


def read(response: httpx.Response) -> Page:
    """An answer, parsed."""
    return Page(response, LexborHTMLParser(response.text))
