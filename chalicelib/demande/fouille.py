"""How a search is read: pages of 25, filled from the sources of a plan within a budget of capacity (DESIGN §3).

A page is never empty with more to come, unless the budget was spent: then it says so (``partiel``), and the next call
goes on from there. Pure: the store is a ``Lecteur``.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.demande.index import INDEX
from chalicelib.demande.ports_recherche import Lecteur, Lot, Lue, Position
from chalicelib.demande.recherche import (
    MEMOIRE_MAX,
    PAGE,
    Criteres,
    Plan,
    RechercheTropLarge,
    Source,
    Tri,
    Trouvee,
    convient,
    planifier,
)

BUDGET_RRU = 10.0
"""What one call may read (DESIGN §3)."""

LECTURE_RRU = 0.5
"""The least that a reading costs: 4 KB, eventually consistent."""

OCTETS_PAR_RRU = 8192
ENTREE_OCTETS = 330
"""How large an entry is supposed to be before any was seen; an ordinary one has 250 bytes."""

MARGE_OCTETS = 600
"""Kept for entries larger than those seen: a call does not go beyond its budget."""

LOT_MAX = 96
A_COMPLETER_MAX = 10
"""How many entries of an index without a fiche are read at once: each costs the reading of its demande."""

SUFFIXE_MAX = 600
_ID = re.compile(r"[0-9a-f]{32}")


class CurseurInconnu(ValueError):
    """Not a cursor of ours for this search."""


@dataclass(frozen=True)
class Resultats:
    """A page: ``curseur`` is None on the last one; ``partiel``: the budget was spent before the page was full."""

    elements: tuple[Trouvee, ...]
    curseur: str | None
    partiel: bool
    rru: float


def chercher(
    lecteur: Lecteur, criteres: Criteres, tri: Tri | None, curseur: str | None, autorites: Iterable[str]
) -> Resultats:
    """One page of the demandes of ``autorites`` that satisfy ``criteres``.

    Raises ``CurseurInconnu``, and ``RechercheTropLarge`` when no index has the order asked for and the matches are too
    many to be sorted here.
    """
    codes = tuple(sorted(set(autorites)))
    if not codes:
        return Resultats((), None, False, 0.0)
    plan = planifier(criteres, tri, codes)
    fouille = _Fouille(lecteur, plan, criteres, codes, _sceau(criteres, tri, codes))
    return fouille.trier(curseur) if plan.memoire else fouille.fusionner(curseur)


def _sceau(criteres: Criteres, tri: Tri | None, autorites: tuple[str, ...]) -> str:
    """What ties a cursor to its search: other criteria, another sort or other autorités make it unknown."""
    texte = json.dumps([criteres.donnes, tri, autorites], sort_keys=True)
    return hashlib.sha256(texte.encode()).hexdigest()[:16]


@dataclass
class _Fil:
    """A source being read: what was read and not yet given, and where reading may be taken up again."""

    source: Source
    position: Position | None = None
    epuise: bool = False
    lues: list[Lue] = field(default_factory=list)
    lots: int = 0

    @property
    def fini(self) -> bool:
        return self.epuise and not self.lues

    @property
    def tete(self) -> Trouvee | None:
        return self.lues[0].trouvee if self.lues else None

    def avancer(self) -> None:
        """Leave the head; what does not match after it is left too."""
        self.position = self.lues.pop(0).position
        while self.lues and self.lues[0].trouvee is None:
            self.position = self.lues.pop(0).position


@dataclass
class _Fouille:
    lecteur: Lecteur
    plan: Plan
    criteres: Criteres
    autorites: tuple[str, ...]
    sceau: str
    rru: float = 0.0
    octets: int = ENTREE_OCTETS
    avance: bool = False

    def fusionner(self, curseur: str | None) -> Resultats:
        """Rows in the order of the plan's indexes."""
        rang, fils = self._reprendre(curseur)
        page: list[Trouvee] = []
        while True:
            if not self._approvisionner(fils, PAGE - len(page)):
                return Resultats(tuple(page), self._suite(rang, fils), True, self.rru)
            tetes = [(self.plan.cle(fil.tete), fil.tete, fil) for fil in fils if fil.tete is not None]
            if tetes:
                choisir = max if self.plan.decroissant else min
                _, tete, fil = choisir(tetes, key=lambda candidate: candidate[0])
                page.append(tete)
                fil.avancer()
                self.avance = True
            elif rang + 1 < len(self.plan.groupes):
                rang += 1
                fils = [_Fil(source) for source in self.plan.groupes[rang]]
            else:
                return Resultats(tuple(page), None, False, self.rru)
            if len(page) == PAGE:
                reste = rang + 1 < len(self.plan.groupes) or not all(fil.fini for fil in fils)
                return Resultats(tuple(page), self._suite(rang, fils) if reste else None, False, self.rru)

    def trier(self, curseur: str | None) -> Resultats:
        """Rows in an order that no index has: all the matches are read, then sorted."""
        cle, decroissant = self.plan.cle, self.plan.decroissant
        apres = self._reprendre_le_tri(curseur)
        trouvees: list[Trouvee] = []
        for source in (source for groupe in self.plan.groupes for source in groupe):
            fil = _Fil(source)
            while not fil.epuise:
                if self._reste() < LECTURE_RRU:
                    raise RechercheTropLarge()
                self._remplir(fil, MEMOIRE_MAX, 1)
                while fil.tete is not None:
                    trouvees.append(fil.tete)
                    fil.avancer()
                if len(trouvees) > MEMOIRE_MAX:
                    raise RechercheTropLarge()
        triees = sorted(trouvees, key=cle, reverse=decroissant)
        if apres is not None:
            triees = [une for une in triees if (cle(une) < apres if decroissant else cle(une) > apres)]
        page = tuple(triees[:PAGE])
        suite = self._ecrire(list(cle(page[-1]))) if len(triees) > PAGE else None
        return Resultats(page, suite, False, self.rru)

    def _approvisionner(self, fils: list[_Fil], manque: int) -> bool:
        """Have the next match of every source that has one; False when the budget does not allow it.

        Something is read at each call, whatever it costs: a search always goes on.
        """
        for fil in fils:
            while fil.tete is None and not fil.fini:
                if self._reste() < LECTURE_RRU and self.avance:
                    return False
                avant = fil.position
                self._remplir(fil, manque, len(fils))
                self.avance = self.avance or fil.position != avant or fil.fini
        return True

    def _remplir(self, fil: _Fil, manque: int, fils: int) -> None:
        """Read on in a source; what does not match before its next head is left at once."""
        limite = self._limite(fil, manque, fils)
        lot = self.lecteur.lire(fil.source, self.plan.decroissant, fil.position, limite)
        self._compter(fil.source, lot)
        fil.lots += 1
        fil.epuise = not lot.suite
        for lue in lot.lues:
            if self._retenue(fil.source, lue.trouvee):
                fil.lues.append(lue)
            elif fil.lues:
                fil.lues.append(Lue(lue.position, None))
            else:
                fil.position = lue.position

    def _retenue(self, source: Source, trouvee: Trouvee | None) -> bool:
        if trouvee is None or not convient(self.criteres, trouvee, self.autorites):
            return False
        return not (source.usage and trouvee.fiche.nom_recherche.startswith(source.debut))

    def _limite(self, fil: _Fil, manque: int, fils: int) -> int:
        """How many entries to read next: a page and one more, or more when some will not match; what is left pays."""
        if not INDEX[fil.source.index].projette:
            return max(1, min(A_COMPLETER_MAX, manque, int(self._reste() / LECTURE_RRU) - 1))
        voulues = manque + 1
        if self.plan.filtre and not self.plan.memoire:
            voulues = min(32 * 2**fil.lots, LOT_MAX)
        if fils > 1:
            voulues = min(voulues, (16 if fils <= 4 else 8) * 2 ** min(fil.lots, 3))
        return max(1, min(voulues, int((self._reste() * OCTETS_PAR_RRU - MARGE_OCTETS) / self.octets)))

    def _compter(self, source: Source, lot: Lot) -> None:
        self.rru += lot.rru
        if lot.lues and INDEX[source.index].projette:
            self.octets = max(self.octets, lot.octets // len(lot.lues))

    def _reste(self) -> float:
        return BUDGET_RRU - self.rru

    def _suite(self, rang: int, fils: list[_Fil]) -> str:
        positions = [
            0 if fil.fini else None if fil.position is None else [fil.position.suffixe, fil.position.id] for fil in fils
        ]
        return self._ecrire([rang, positions])

    def _ecrire(self, contenu: list[Any]) -> str:
        texte = json.dumps([self.sceau, contenu], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(texte.encode()).decode()

    def _lire(self, curseur: str) -> Any:
        try:
            match json.loads(base64.b64decode(curseur, altchars=b"-_", validate=True)):
                case [sceau, contenu] if sceau == self.sceau:
                    return contenu
        except (ValueError, RecursionError):
            pass
        raise CurseurInconnu()

    def _reprendre(self, curseur: str | None) -> tuple[int, list[_Fil]]:
        """The group being read and where each of its sources was left."""
        if curseur is None:
            return 0, [_Fil(source) for source in self.plan.groupes[0]]
        match self._lire(curseur):
            case [int(rang), list(positions)] if 0 <= rang < len(self.plan.groupes):
                sources = self.plan.groupes[rang]
                if len(sources) == len(positions):
                    return rang, [_fil(source, position) for source, position in zip(sources, positions, strict=True)]
        raise CurseurInconnu()

    def _reprendre_le_tri(self, curseur: str | None) -> tuple[str, ...] | None:
        if curseur is None:
            return None
        match self._lire(curseur):
            case [*cle] if all(isinstance(partie, str) for partie in cle):
                return tuple(cle)
        raise CurseurInconnu()


def _fil(source: Source, position: Any) -> _Fil:
    match position:
        case None:
            return _Fil(source)
        case 0:
            return _Fil(source, epuise=True)
        case [str(suffixe), str(id_)] if _ID.fullmatch(id_) and _dans(source, suffixe):
            return _Fil(source, Position(suffixe, id_))
    raise CurseurInconnu()


def _dans(source: Source, suffixe: str) -> bool:
    """Whether a range key may be one of ``source``: DynamoDB refuses to go on from elsewhere."""
    try:
        court = len(suffixe.encode()) <= SUFFIXE_MAX
    except UnicodeEncodeError:
        return False
    bornee = source.bas <= suffixe and (source.haut is None or suffixe <= source.haut)
    return court and bornee and suffixe.startswith(source.debut) and suffixe != ""
