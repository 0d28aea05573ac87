"""What the printer and the post tell of a card, and what it changes: doubled, late and out of order (DOMAIN §5).

A card goes one way: accepted, made, posted, then handed over or come back. An event behind where the card is known to
be changes nothing; one ahead implies those that have not come yet. A card come back and posted again starts a new
cycle: what happened before its return is told by the instants of the events.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import passer

S = Statut

Evenement = Literal["accepte", "produit", "expedie", "distribue", "retourne"]

RANGS: dict[str, int] = {"accepte": 1, "produit": 2, "expedie": 3, "distribue": 4, "retourne": 4}
CONNUS_MAX = 12
"""Fingerprints kept: two whole cycles and more; a return is always among them, a cycle has five events at most."""

SUIVIS = frozenset({S.VALIDEE, S.EN_PRODUCTION, S.EXPEDIEE, S.NON_DISTRIBUEE, S.DISTRIBUEE})
"""The statuts in which a card is expected or has been."""

_NOMS = {
    "accepte": "CommandeAcceptee",
    "produit": "TitreProduit",
    "expedie": "TitreExpedie",
    "distribue": "TitreDistribue",
    "retourne": "TitreRetourne",
}
_IMPRIMEUR = Auteur("partenaire", "imprimeur")
_POSTE = Auteur("partenaire", "poste")


@dataclass(frozen=True)
class EvenementTitre:
    """An event of a card; ``survenu_le`` is when it happened there, an instant as stored."""

    evenement: Evenement
    survenu_le: str
    numero_suivi: str | None = None

    @property
    def empreinte(self) -> str:
        """What tells an exact repeat."""
        return f"{self.evenement}#{self.survenu_le}"


def appliquer(
    demande: Demande, recu: EvenementTitre, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """The next change that the event makes of ``demande``, None when it makes none (any more).

    A card made before its order was known to be accepted takes two changes: apply again until None.
    """
    if demande.statut not in SUIVIS or recu.empreinte in demande.evenements_titre or _passe(demande, recu):
        return None
    if RANGS[recu.evenement] <= _rang(demande):
        return None
    auteur = _IMPRIMEUR if RANGS[recu.evenement] <= RANGS["produit"] else _POSTE
    if recu.evenement == "produit" and demande.statut is S.VALIDEE:
        return passer(
            demande,
            _NOMS["accepte"],
            auteur,
            maintenant,
            correlation_id,
            jour_s=jour_s,
            vers=S.EN_PRODUCTION,
            constate_le=recu.survenu_le,
        )
    poser: dict[str, Any] = {
        "evenements_titre": [*demande.evenements_titre, recu.empreinte][-CONNUS_MAX:],
        "constate_le": recu.survenu_le,
    }
    if recu.numero_suivi is not None:
        poser["numero_suivi"] = recu.numero_suivi
    oter: tuple[str, ...] = ()
    if recu.evenement == "retourne":
        # The address is confirmed for each sending.
        poser["retours"], oter = demande.retours + 1, ("adresse_confirmee_le",)
    return passer(
        demande,
        _NOMS[recu.evenement],
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=_vers(demande, recu.evenement),
        poser=poser,
        oter=oter,
        precedents=_precedents(demande, recu.evenement),
        constate_le=recu.survenu_le,
    )


def _passe(demande: Demande, recu: EvenementTitre) -> bool:
    """Whether it happened before the last return: it tells of a sending that is over.

    Within one cycle the ranks decide, not the instants: the printer's clock and the post's are not the same.
    """
    retours = [connu for connu in demande.evenements_titre if connu.startswith("retourne#")]
    return bool(retours) and recu.survenu_le <= retours[-1].removeprefix("retourne#")


def _rang(demande: Demande) -> int:
    """How far the card is known to be."""
    dernier = demande.evenements_titre[-1].partition("#")[0] if demande.evenements_titre else ""
    match demande.statut:
        case S.VALIDEE:
            return 0
        case S.EN_PRODUCTION:
            return max(RANGS["accepte"], RANGS.get(dernier, 0))
        case S.EXPEDIEE:
            # Posted again by an agent: the post has not told yet under which number.
            return RANGS["produit"] if dernier == "retourne" else RANGS["expedie"]
        case _:
            return RANGS["distribue"]


def _vers(demande: Demande, evenement: Evenement) -> Statut | None:
    vers = {
        "accepte": S.EN_PRODUCTION,
        "produit": S.EN_PRODUCTION,
        "expedie": S.EXPEDIEE,
        "distribue": S.DISTRIBUEE,
        "retourne": S.NON_DISTRIBUEE,
    }[evenement]
    return None if vers is demande.statut else vers


def _precedents(demande: Demande, evenement: Evenement) -> tuple[tuple[str, Statut], ...]:
    """What must have happened before, and was not told yet: each is an entry of the journal with its statut."""
    suite: list[tuple[str, Statut]] = []
    if demande.statut is S.VALIDEE and evenement != "accepte":
        suite.append((_NOMS["accepte"], S.EN_PRODUCTION))
    if demande.statut in (S.VALIDEE, S.EN_PRODUCTION) and RANGS[evenement] > RANGS["expedie"]:
        suite.append((_NOMS["expedie"], S.EXPEDIEE))
    return tuple(suite)
