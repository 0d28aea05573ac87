"""Whether what an event would tell is still true: a notice is written late, from the demande as it now is.

A request that is no longer made, or a deadline that no longer runs, is not told: the person would act for nothing, and
what ended it has its own notice. Facts that stay true (received, decided, closed) are told however late.
"""

from collections.abc import Callable, Mapping

from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Demande, EtatPhoto, Statut
from chalicelib.demande.statuts import FINALS

S = Statut


def depasse(evenement: EvenementPublie, demande: Demande) -> bool:
    """Whether ``evenement`` has nothing more to tell about ``demande``."""
    regle = _DEPASSES.get(evenement.type)
    return regle is not None and regle(evenement, demande)


def _hors(*statuts: Statut) -> Callable[[EvenementPublie, Demande], bool]:
    return lambda _, demande: demande.statut not in statuts


def _suspension_d_avant(evenement: EvenementPublie, demande: Demande) -> bool:
    """Lifted or completed since; or another one is open, which was told by itself."""
    suspension = demande.suspension
    return demande.statut is not S.SUSPENDUE or suspension is None or evenement.survenu_le < suspension.suspendue_le


def _correction_d_avant(evenement: EvenementPublie, demande: Demande) -> bool:
    suspension = demande.suspension
    corrigee_le = suspension.corrigee_le if suspension else None
    return _suspension_d_avant(evenement, demande) or (corrigee_le is not None and evenement.survenu_le < corrigee_le)


def _attente_d_avant(evenement: EvenementPublie, demande: Demande) -> bool:
    debut = demande.chez_usager_depuis
    return demande.statut is not S.ATTENTE_PHOTO or (debut is not None and evenement.survenu_le < debut)


def _refus_d_avant(evenement: EvenementPublie, demande: Demande) -> bool:
    """The photo has come since, or another one was given."""
    photo = demande.photo_signature
    if demande.statut is S.SUSPENDUE:
        return _suspension_d_avant(evenement, demande) or demande.photo_recue_le is not None
    return _attente_d_avant(evenement, demande) or photo is None or photo.etat is not EtatPhoto.REFUSE


def _retour_d_avant(evenement: EvenementPublie, demande: Demande) -> bool:
    confirmee = demande.adresse_confirmee_le
    return demande.statut is not S.NON_DISTRIBUEE or (confirmee is not None and confirmee >= evenement.survenu_le)


_DEPASSES: Mapping[str, Callable[[EvenementPublie, Demande], bool]] = {
    "BrouillonRappele": _hors(S.BROUILLON),
    "ControleTermine": _hors(S.EN_INSTRUCTION),
    "PhotoAttendue": _attente_d_avant,
    "PhotoRappelee": _attente_d_avant,
    "PhotoRefusee": _refus_d_avant,
    "PhotoRecue": lambda _, demande: demande.statut in FINALS,
    "DemandeSuspendue": _suspension_d_avant,
    "SuspensionCorrigee": _correction_d_avant,
    "SuspensionLevee": lambda _, demande: demande.statut is S.SUSPENDUE or demande.statut in FINALS,
    "ComplementRappele": _suspension_d_avant,
    "DroitsBientotFinis": lambda _, demande: demande.statut in FINALS,
    "DemandeValidee": _hors(S.VALIDEE, S.EN_PRODUCTION, S.EXPEDIEE, S.NON_DISTRIBUEE, S.DISTRIBUEE),
    "CommandeAcceptee": _hors(S.EN_PRODUCTION),
    "TitreExpedie": _hors(S.EXPEDIEE),
    "TitreRetourne": _retour_d_avant,
    "TitreReexpedie": _hors(S.EXPEDIEE),
}
