"""The county's people put in, each one's sign-in on his own site, and the keys of the demonstration."""

import asyncio
from dataclasses import replace
from uuid import UUID

from app.demo_keys import make_keys
from app.demo_people import CODE_OF, DEPARTMENTS_OF, NAME_OF, ORGANISATIONS, PEOPLE, ROLE_OF
from app.launch import site_secrets
from app.migrate import DEMO_START
from kernel.accounts import records as known
from kernel.accounts.keys import Keys
from kernel.accounts.seeding import seed
from kernel.db import connected
from kernel.identity import Actor
from kernel.settings import Settings


def of_site(settings: Settings, site: str) -> Settings:
    """The settings of `trading` or `supervision`, with that site's secrets."""
    own = site_secrets(settings.var)
    secret = own.trading if site == "trading" else own.supervision
    var = settings.var if site == "trading" else settings.var / "supervision"
    return replace(settings, secret=secret, identity_secret=own.identity, var=var)


async def move_in(settings: Settings) -> dict[str, Actor]:
    """Everybody of the demo county, by login; again, it changes nothing."""
    own = site_secrets(settings.var)
    identity = own.identity.encode()
    persons: dict[str, UUID] = {}
    actors: dict[str, Actor] = {}
    for site, secret, urls in (
        ("trading", own.trading, (settings.owner_database_url,)),
        ("supervision", own.supervision, (settings.owner_database_url, settings.supervision_owner_database_url)),
    ):
        async with connected(*urls):
            keys = Keys.derive(secret.encode(), identity_secret=identity)
            persons |= await seed(PEOPLE, ORGANISATIONS, site, keys)
            actors = {login: await _actor(login, person) for login, person in persons.items()}
    return actors


async def people_alone(settings: Settings) -> None:
    """A county on its first morning: keys and people, and nothing that has happened yet; again, it changes nothing."""
    await asyncio.to_thread(make_keys, of_site(settings, "trading"), settings.var / "supervision" / "keys", DEMO_START)
    await move_in(settings)


async def _actor(login: str, person: UUID) -> Actor:
    unit = await known.organisation_by_code(CODE_OF[login])
    assert unit is not None, "seeded just now"
    return Actor(
        role=ROLE_OF[login], person=person, name=NAME_OF[login], organisation=unit.id, organisation_code=unit.code,
        organisation_name=unit.name, region=unit.region, departments=tuple(DEPARTMENTS_OF.get(login, ())),
        door="command",
    )  # fmt: skip
