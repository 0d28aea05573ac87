"""The same running service and users as the e2e tests."""

from tests.e2e.acteurs import anonyme, autre_usager, client, url, usager

__all__ = ["anonyme", "autre_usager", "client", "url", "usager"]
