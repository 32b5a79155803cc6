"""People to speak with at a client's."""

from __future__ import annotations

from console.domain.clients import contacts, parts
from console.domain.clients.contacts import AboutContact
from console.routes._client_parts import CONTACT
from console.routes._part import Part, routes

ROUTES = routes(
    Part(
        name="contact",
        folder="contacts",
        entity="client_contact",
        id="client_contact",
        of="of",
        spec=CONTACT,
        titles=("title.contact_new", "words.remove_contact"),
        called=lambda one: one.name,
        one=parts.contact,
        add=lambda intent, client, said: contacts.add_contact(intent, client, AboutContact(**said)),
        change=lambda intent, one, version, said: contacts.change_contact(intent, one, version, AboutContact(**said)),
        remove=contacts.remove_contact,
    )
)
