"""People to speak with at a client's."""

from __future__ import annotations

from console.domain.clients import contacts, erasing, parts
from console.routes._client_parts import CONTACT
from console.routes._part import Part, routes

ROUTES = routes(
    Part(
        name="contact",
        spec=CONTACT,
        about=contacts.AboutContact,
        titles=("title.contact_new", "words.remove_contact", "title.erase_contact"),
        called=lambda one: one.name,
        one=parts.contact,
        add=contacts.add_contact,
        change=contacts.change_contact,
        remove=contacts.remove_contact,
        erase=erasing.erase_contact,
    )
)
