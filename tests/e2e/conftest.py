"""The running service and its users, for every test of this folder."""

from tests.e2e.acteurs import anonyme, autre_usager, client, secret, url, usager

__all__ = ["anonyme", "autre_usager", "client", "secret", "url", "usager"]
