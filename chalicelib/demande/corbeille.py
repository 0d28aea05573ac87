"""What an agent's worklists hold, most urgent first: what he holds, what he may take, what is late.

A page is read from one range per autorité, merged. Whatever waits there, a call makes a bounded number of queries.
Pure: the store is a ``Corbeilles``, instants are given.
"""

import base64
import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from chalicelib.demande.bail import corbeilles_de, court
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports_corbeille import Corbeilles, Ligne, Position, Source
from chalicelib.demande.vie import limite_de_traitement

PAGE = 25
COMPTE_MAX = 100
"""A counter says no more than this, and that there are more."""

LECTURES_MAX = 8
"""Queries that a call may make on one list, beyond the first one of each autorité."""

LOT_MAX = 200
EN_TETE, A_LA_DATE = "0#", "1#"
"""The urgencies: at the head of the queue since then, or to be treated by that day (demande/vie.py)."""

Tete = Literal["complement", "adresse_confirmee"]

_ID = re.compile(r"[0-9a-f]{32}")
_URGENCE = re.compile(r"[0-9]#[0-9TZ:.-]{1,40}")


class CurseurInconnu(ValueError):
    """Not a cursor of ours for this list."""


class Liste(StrEnum):
    """The lists of a worklist; ``en_retard``: the day by which it should be treated has passed, held or not."""

    MIENNES = "miennes"
    A_PRENDRE = "a_prendre"
    EN_RETARD = "en_retard"


@dataclass(frozen=True)
class Agent:
    """Who looks: his compte_id, his role, his autorités."""

    compte_id: str
    role: str
    autorites: tuple[str, ...]

    @property
    def corbeilles(self) -> tuple[str, ...]:
        """The worklists that he treats."""
        return corbeilles_de(self.role, self.autorites)


@dataclass(frozen=True)
class Page:
    """A page of a list; ``nombre`` of the whole list, ``COMPTE_MAX`` at most; ``et_plus``: it is only the least."""

    elements: tuple[Ligne, ...]
    curseur: str | None
    nombre: int
    et_plus: bool


def a_traiter_avant(ligne: Ligne) -> str | None:
    """The day by which it should be treated; None for what is at the head of the queue whatever the day."""
    return ligne.urgence.removeprefix(A_LA_DATE) if ligne.urgence.startswith(A_LA_DATE) else None


def en_tete(ligne: Ligne) -> Tete | None:
    """Why it is at the head of the queue; None when it is not.

    ``complement``: its suspension is over, answered or lifted; ``adresse_confirmee``: a card to be posted again.
    """
    if not ligne.urgence.startswith(EN_TETE):
        return None
    return "adresse_confirmee" if ligne.statut == Statut.NON_DISTRIBUEE else "complement"


def est_en_retard(ligne: Ligne, maintenant: datetime, jour_s: float) -> bool:
    """Whether the day by which it should be treated has passed; at the head of the queue it still has its own."""
    limite = a_traiter_avant(ligne)
    if en_tete(ligne) == "complement":
        limite = ecrire(limite_de_traitement(ligne.fiche.motif, ligne.fiche.deposee_le, jour_s))
    return limite is not None and limite < ecrire(maintenant)


def attend_son_titulaire(ligne: Ligne, maintenant: datetime) -> bool:
    """Whether it is a card that came back, whose holder still has time to confirm where to post it again."""
    limite = a_traiter_avant(ligne)
    return ligne.statut == Statut.NON_DISTRIBUEE and limite is not None and limite > ecrire(maintenant)


def lire_page(
    corbeilles: Corbeilles,
    liste: Liste,
    agent: Agent,
    maintenant: datetime,
    curseur: str | None = None,
    *,
    jour_s: float,
    compter: bool = False,
) -> Page:
    """One page of ``liste``, after ``curseur``; ``compter`` reads far enough to say how many there are.

    ``jour_s`` is a legal day in seconds. A page may be short, with a cursor, when many in a row are held by others.
    Raises ``CurseurInconnu``.
    """
    garder = _filtre(liste, agent, maintenant, jour_s)
    lecture = _Lecture(corbeilles, liste, agent, maintenant, garder, COMPTE_MAX + 1 if compter else PAGE + 1)
    lecture.reprendre(curseur)
    return lecture.page()


def candidates(corbeilles: Corbeilles, agent: Agent, maintenant: datetime) -> Iterator[Ligne]:
    """What ``agent`` may take, most urgent first, read as it is asked for. Raises ``TropDeLectures``."""
    lecture = _Lecture(corbeilles, Liste.A_PRENDRE, agent, maintenant, _a_prendre(maintenant), PAGE)
    lecture.reprendre(None)
    while True:
        if not lecture.approvisionner():
            raise TropDeLectures()
        ligne = lecture.suivante()
        if ligne is None:
            return
        yield ligne


class TropDeLectures(Exception):
    """There may be something to take, further than one call looks."""


@dataclass
class _Fil:
    """A source being read: where reading may be taken up again, and what was read and not yet given."""

    source: Source
    position: Position | None = None
    epuise: bool = False
    lues: deque[Ligne] = field(default_factory=deque)

    @property
    def fini(self) -> bool:
        return self.epuise and not self.lues


class _Lecture:
    def __init__(
        self,
        corbeilles: Corbeilles,
        liste: Liste,
        agent: Agent,
        maintenant: datetime,
        garder: Callable[[Ligne], bool],
        lot: int,
    ) -> None:
        self._corbeilles = corbeilles
        self._liste = liste
        self._garder = garder
        self._fils = [_Fil(source) for source in _sources(liste, agent, maintenant)]
        sources = [(fil.source.index, fil.source.cle) for fil in self._fils]
        self._sceau = hashlib.sha256(json.dumps([liste, sources]).encode()).hexdigest()[:16]
        self._lot = lot
        self._lectures = LECTURES_MAX + len(self._fils)

    def page(self) -> Page:
        elements: list[Ligne] = []
        complet = True
        while len(elements) < PAGE:
            complet = self.approvisionner()
            ligne = self.suivante() if complet else None
            if ligne is None:
                break
            elements.append(ligne)
        # Whether anything follows is looked at now: no cursor leads to an empty page.
        complet = complet and self.approvisionner()
        reste = sum(len(fil.lues) for fil in self._fils)
        nombre = len(elements) + reste
        ouvert = not complet or any(not fil.epuise for fil in self._fils)
        return Page(
            tuple(elements),
            self._suite() if reste or not complet else None,
            min(nombre, COMPTE_MAX),
            nombre > COMPTE_MAX or ouvert,
        )

    def suivante(self) -> Ligne | None:
        """The most urgent of what was read; None at the end. ``approvisionner`` comes first."""
        prets = [fil for fil in self._fils if fil.lues]
        if not prets:
            return None
        fil = min(prets, key=lambda pret: (pret.lues[0].urgence, pret.lues[0].id))
        ligne = fil.lues.popleft()
        fil.position = Position(ligne.urgence, ligne.id)
        return ligne

    def approvisionner(self) -> bool:
        """Have the next one of every source that has one; False when this call has read enough."""
        for fil in self._fils:
            while not fil.lues and not fil.epuise:
                if self._lectures == 0:
                    return False
                self._remplir(fil)
        return True

    def _remplir(self, fil: _Fil) -> None:
        self._lectures -= 1
        tranche = self._corbeilles.lire(fil.source, fil.position, self._lot)
        fil.epuise = not tranche.suite
        fil.lues.extend(ligne for ligne in tranche.lignes if self._garder(ligne))
        if not fil.lues and tranche.lignes:
            derniere = tranche.lignes[-1]
            fil.position = Position(derniere.urgence, derniere.id)
        self._lot = min(2 * self._lot, LOT_MAX) if not fil.lues else self._lot

    def _suite(self) -> str:
        positions = [
            0 if fil.fini else None if fil.position is None else [fil.position.urgence, fil.position.id]
            for fil in self._fils
        ]
        texte = json.dumps([self._sceau, positions], separators=(",", ":"))
        return base64.urlsafe_b64encode(texte.encode()).decode()

    def reprendre(self, curseur: str | None) -> None:
        """Go on where ``curseur`` says."""
        if curseur is None:
            return
        try:
            sceau, positions = json.loads(base64.b64decode(curseur, altchars=b"-_", validate=True))
            if sceau != self._sceau or len(positions) != len(self._fils):
                raise CurseurInconnu()
        except (ValueError, TypeError, RecursionError):
            raise CurseurInconnu() from None
        for fil, position in zip(self._fils, positions, strict=True):
            _reprendre(fil, position)


def _reprendre(fil: _Fil, position: Any) -> None:
    match position:
        case None:
            return
        case 0:
            fil.epuise = True
            return
        case [str(urgence), str(id_)] if _URGENCE.fullmatch(urgence) and _ID.fullmatch(id_):
            if fil.source.bas <= urgence <= fil.source.haut:
                fil.position = Position(urgence, id_)
                return
    raise CurseurInconnu()


def _sources(liste: Liste, agent: Agent, maintenant: datetime) -> list[Source]:
    match liste:
        case Liste.MIENNES:
            return [Source("par_agent", agent.compte_id)] if agent.corbeilles else []
        case Liste.A_PRENDRE:
            return [Source("par_corbeille", corbeille) for corbeille in agent.corbeilles]
        case Liste.EN_RETARD:
            limite = A_LA_DATE + ecrire(maintenant)
            return [Source("par_corbeille", corbeille, EN_TETE, limite) for corbeille in agent.corbeilles]


def _a_prendre(maintenant: datetime) -> Callable[[Ligne], bool]:
    def garder(ligne: Ligne) -> bool:
        return not court(ligne.agent, ligne.bail_jusqua, maintenant) and not attend_son_titulaire(ligne, maintenant)

    return garder


def _filtre(liste: Liste, agent: Agent, maintenant: datetime, jour_s: float) -> Callable[[Ligne], bool]:
    miennes = set(agent.corbeilles)
    match liste:
        case Liste.MIENNES:
            # What he held in an autorité that he has left is no longer his to treat.
            return lambda ligne: ligne.corbeille in miennes and court(ligne.agent, ligne.bail_jusqua, maintenant)
        case Liste.A_PRENDRE:
            return _a_prendre(maintenant)
        case Liste.EN_RETARD:
            return lambda ligne: est_en_retard(ligne, maintenant, jour_s)
