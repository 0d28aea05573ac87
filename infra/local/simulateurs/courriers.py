"""What a simulated partner has to tell us: kept in its state, sent signed at its hour, sent again until it is heard."""

import asyncio
import hashlib
import hmac
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import httpx

from infra.local.simulateurs.socle import Horloge

ENVOI_MAX_S = 10
REPRISE_MAX_S = 60
ABANDON_S = 86400
VEILLE_S = 3600.0

journal = logging.getLogger("permis.partenaires")


def signer(cle: str, corps: bytes, t: int) -> str:
    """The header X-Permis-Signature of ``corps`` sent at ``t``, epoch seconds (API.md, Partners)."""
    return f"t={t},v1={hmac.new(cle.encode(), f'{t}.'.encode() + corps, hashlib.sha256).hexdigest()}"


def suite_de_l_envoi(essais: int, cree_le: float, maintenant: float, recu: bool) -> tuple[float, str | None]:
    """When to send again, and how it ended: heard, given up after a day, or None. In 1, 2, 4… 60 seconds."""
    issue = "recue" if recu else "abandonnee" if maintenant - cree_le > ABANDON_S else None
    return maintenant + min(REPRISE_MAX_S, 2.0 ** min(essais - 1, 10)), issue


class File(Protocol):
    """What is to be sent, as a partner keeps it."""

    def notifications_dues(self) -> list[dict[str, Any]]:
        """To send now, oldest first; each has an ``id`` and its ``essais``."""
        ...

    def contenu(self, notification: Mapping[str, Any]) -> dict[str, Any]:
        """The body."""
        ...

    def delai_avant_la_prochaine(self) -> float:
        """Seconds until one is due, ``VEILLE_S`` at most."""
        ...

    def noter_envoi(self, notification: dict[str, Any], recue: bool) -> None:
        """What became of a try."""
        ...


class Courriers:
    """The events owed on one ``canal`` (a partner's route); ``maintenant`` gives epoch seconds.

    ``cle`` says what an event is about; it may be sent as often as asked, each sending is one line.
    """

    def __init__(self, base: sqlite3.Connection, canal: str, maintenant: Horloge) -> None:
        self._base, self._canal, self._maintenant = base, canal, maintenant
        base.execute(
            "CREATE TABLE IF NOT EXISTS courriers (id INTEGER PRIMARY KEY, canal TEXT NOT NULL, cle TEXT NOT NULL,"
            " corps TEXT NOT NULL, due_le REAL NOT NULL, cree_le REAL NOT NULL, essais INTEGER NOT NULL DEFAULT 0,"
            " issue TEXT)"
        )

    def ajouter(self, cle: str, corps: Mapping[str, Any], delai_s: float = 0.0, repetitions: int = 1) -> None:
        """Owe ``corps``, ``repetitions`` times, from ``delai_s`` seconds on."""
        maintenant = self._maintenant()
        ligne = (self._canal, cle, json.dumps(corps), maintenant + delai_s, maintenant)
        self._base.executemany(
            "INSERT INTO courriers (canal, cle, corps, due_le, cree_le) VALUES (?, ?, ?, ?, ?)", [ligne] * repetitions
        )

    def notifications_dues(self) -> list[dict[str, Any]]:
        dues = self._base.execute(
            "SELECT * FROM courriers WHERE canal = ? AND issue IS NULL AND due_le <= ? ORDER BY due_le, id",
            (self._canal, self._maintenant()),
        )
        return [dict(ligne) for ligne in dues]

    def contenu(self, notification: Mapping[str, Any]) -> dict[str, Any]:
        lu: dict[str, Any] = json.loads(notification["corps"])
        return lu

    def delai_avant_la_prochaine(self) -> float:
        (due_le,) = self._base.execute(
            "SELECT min(due_le) FROM courriers WHERE canal = ? AND issue IS NULL", (self._canal,)
        ).fetchone()
        return VEILLE_S if due_le is None else min(VEILLE_S, max(0.0, due_le - self._maintenant()))

    def noter_envoi(self, notification: dict[str, Any], recue: bool) -> None:
        essais = notification["essais"] + 1
        due_le, issue = suite_de_l_envoi(essais, notification["cree_le"], self._maintenant(), recue)
        self._base.execute(
            "UPDATE courriers SET essais = ?, due_le = ?, issue = ? WHERE id = ?",
            (essais, due_le, issue, notification["id"]),
        )

    def non_recus(self, cle: str) -> int:
        """How many events about ``cle`` are still to be heard."""
        (nombre,) = self._base.execute(
            "SELECT count(*) FROM courriers WHERE canal = ? AND cle = ? AND issue IS NULL", (self._canal, cle)
        ).fetchone()
        return int(nombre)


async def _rien() -> None:
    return None


class Notificateur:
    """Sends what a partner has to tell to ``url``, at its hour, until it is heard.

    ``garder`` is done before what was heard is noted so, for it will not be told again.
    """

    def __init__(
        self,
        file: File,
        client: httpx.AsyncClient,
        url: str,
        cle: str,
        maintenant: Horloge,
        garder: Callable[[], Awaitable[None]] = _rien,
    ) -> None:
        self._file, self._client, self._url, self._cle = file, client, url, cle
        self._maintenant, self._garder = maintenant, garder
        self._en_vol: set[int] = set()
        self._du_nouveau = asyncio.Event()

    def reveiller(self) -> None:
        """Something new is to be sent, maybe sooner than what was waited for."""
        self._du_nouveau.set()

    async def envoyer_les_dues(self) -> None:
        """Send what is due, all at once: a real system does not wait for an answer to send its double."""
        dues = [n for n in self._file.notifications_dues() if n["id"] not in self._en_vol]
        self._en_vol |= {notification["id"] for notification in dues}
        await asyncio.gather(*(self._envoyer(notification) for notification in dues))

    async def _envoyer(self, notification: dict[str, Any]) -> None:
        try:
            octets = json.dumps(self._file.contenu(notification)).encode()
            entetes = {
                "Content-Type": "application/json",
                "X-Permis-Signature": signer(self._cle, octets, int(self._maintenant())),
            }
            try:
                reponse = await self._client.post(self._url, content=octets, headers=entetes, timeout=ENVOI_MAX_S)
                recue, suite = reponse.is_success, str(reponse.status_code)
                if recue:
                    await self._garder()
            except httpx.HTTPError as panne:
                recue, suite = False, type(panne).__name__
            self._file.noter_envoi(notification, recue)
            canal = self._url.rpartition("/")[2]
            journal.info("%s %s, essai %d : %s", canal, notification["id"], notification["essais"] + 1, suite)
        finally:
            self._en_vol.discard(notification["id"])

    async def veiller(self) -> None:
        """Send each notification at its hour, for ever."""
        while True:
            self._du_nouveau.clear()
            await self.envoyer_les_dues()
            # What is being sent by another task is due too: look again soon, not at once.
            delai = max(0.1, self._file.delai_avant_la_prochaine())
            try:
                await asyncio.wait_for(self._du_nouveau.wait(), delai)
            except TimeoutError:
                continue
