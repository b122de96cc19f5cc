"""Runs one site under uvicorn: bounded grace at the end, and no line about what was asked or sent."""

import uvicorn

from app.lifeline import hold_on
from kernel.settings import Settings


def serve(site: str, port: int, settings: Settings) -> None:
    """Serve `site` (``module:factory``) until told to stop; open event streams end after the grace."""
    hold_on()
    uvicorn.run(
        site,
        factory=True,
        host=settings.host,
        port=port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.grace,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
    )
