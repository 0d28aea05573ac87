"""What an agent decides of a demande: its card is made, or refused with its reasons (DOMAIN §5, CRPA L211-2).

The rights are asked of the SNPC at the moment of the decision: the dossier seen an hour ago does not decide.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.demande.erreurs import Conflit, TransitionInterdite
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Decision, Demande, Piece, Statut, StatutPiece
from chalicelib.demande.ports_externes import DossierSnpc, Identite, Snpc
from chalicelib.demande.vie import passer

_ETATS = {"SUSPENDU": "suspendu", "INVALIDE": "invalidé", "ANNULE": "annulé"}


MOTIFS_DE_DROITS = frozenset({"droits_inconnus", "droits_non_valides"})
"""The motifs of refusal that say what the SNPC holds (demande/motifs_decision.py): it is asked before they are told."""


class MotifContredit(Conflit):
    """The SNPC says the contrary of the motif of a refusal (409)."""

    titre = "Motif de refus contredit par le SNPC"


class DroitsNonEtablis(Conflit):
    """The SNPC knows no right to drive that a card could show (409)."""

    titre = "Droits à conduire non établis"


def identite_de(demande: Demande) -> Identite | None:
    """Who is looked for at the SNPC when no number leads to him; None for a demande without état civil."""
    etat_civil = demande.etat_civil
    if etat_civil is None:
        return None
    return Identite(etat_civil.nom_naissance, tuple(etat_civil.prenoms), etat_civil.date_naissance)


def consulter_snpc(demande: Demande, snpc: Snpc) -> DossierSnpc | None:
    """The driver's record; None when the SNPC has none. Raises ``ServiceIndisponible``."""
    numero = demande.etat_civil.numero_dossier if demande.etat_civil else None
    identite = identite_de(demande)
    return snpc.consulter(numero, identite) if identite is not None else None


def exiger_droits(dossier: DossierSnpc | None, etablis_autrement: bool) -> None:
    """Raise ``DroitsNonEtablis`` unless the SNPC shows a valid record, or has none and the agent answers for it."""
    if dossier is None:
        if not etablis_autrement:
            raise DroitsNonEtablis(
                "Le SNPC ne connaît pas ce conducteur. Si ses droits sont établis autrement (dossier papier, par "
                "exemple), validez en le déclarant ; sinon suspendez ou refusez."
            )
        return
    if dossier.etat != "VALIDE":
        raise DroitsNonEtablis(
            f"Au SNPC, le dossier de ce conducteur est {_ETATS[dossier.etat]} : la demande ne peut pas être validée."
        )


def exiger_motif_fonde(motif: str, dossier: DossierSnpc | None) -> None:
    """Raise ``MotifContredit`` when the SNPC denies what ``motif`` says of the rights.

    A driver whom it does not know may have lost rights that it never had (a foreign decision, a paper record).
    """
    if dossier is None:
        return
    if motif == "droits_inconnus":
        raise MotifContredit(
            f"Le SNPC connaît ce conducteur (dossier {_ETATS.get(dossier.etat, 'valide')}) : choisissez un autre motif."
        )
    if motif == "droits_non_valides" and dossier.etat == "VALIDE":
        raise MotifContredit("Au SNPC, le dossier de ce conducteur est valide : choisissez un autre motif.")


def exiger_refusable(demande: Demande) -> None:
    """Raise ``TransitionInterdite`` unless ``demande`` is where an agent may refuse it."""
    if demande.statut is not Statut.EN_INSTRUCTION:
        raise TransitionInterdite(demande.statut)


def exiger_decidable(demande: Demande, pieces: list[Piece]) -> None:
    """Raise unless ``demande`` may be validated: in instruction, with no pièce refused or still to judge."""
    if demande.statut is not Statut.EN_INSTRUCTION:
        raise TransitionInterdite(demande.statut)
    retenues = set(demande.pieces_deposees or ())
    douteuses = (StatutPiece.REFUSEE, StatutPiece.A_VERIFIER)
    if any(p.piece_id in retenues and p.statut in douteuses for p in pieces):
        raise Conflit("Une pièce de cette demande est refusée ou reste à vérifier : demandez-en une autre à l'usager.")


def valider(
    demande: Demande,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    etablis_autrement: bool = False,
) -> Changement:
    """The change that validates ``demande``: its card will be ordered.

    ``etablis_autrement``: the agent answers for the rights; the demande and its journal keep that he did.
    """
    trace = True if etablis_autrement else None
    changement = passer(
        demande,
        "DemandeValidee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=Statut.VALIDEE,
        poser={"droits_etablis_autrement": trace},
    )
    return replace(changement, droits_etablis_autrement=trace)


def refuser(
    demande: Demande, decision: Decision, auteur: Auteur, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement:
    """The change that refuses ``demande``; its stamp is free again. Raises ``TransitionInterdite``."""
    exiger_refusable(demande)
    return passer(
        demande,
        "DemandeRefusee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=Statut.REFUSEE,
        poser={"decision": decision},
    )
