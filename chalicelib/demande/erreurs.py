"""Errors of the domain: each is a fact, with the HTTP status that tells it and a sentence for the person.

``detail`` is plain French, shown as it is to the usager or the agent: what is wrong and what to do. It never carries
identity data (it may reach a log).
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ErreurMetier(Exception):
    """Base of every error told to the caller. ``champs`` are extra members of the problem document (RFC 9457)."""

    code_http = 400
    titre = "La demande n'a pas pu être traitée"
    detail = "Vérifiez votre saisie puis recommencez."

    def __init__(self, detail: str | None = None, **champs: Any) -> None:
        self.detail = detail or type(self).detail
        self.champs: Mapping[str, Any] = champs
        super().__init__(self.detail)


class SaisieInvalide(ErreurMetier):
    """The body breaks the form; ``erreurs`` names each field (422)."""

    code_http = 422
    titre = "Saisie invalide"
    detail = "Certains champs sont à corriger."

    def __init__(self, erreurs: Sequence[tuple[str, str]], detail: str | None = None) -> None:
        super().__init__(detail, erreurs=[{"champ": champ, "message": message} for champ, message in erreurs])


class NonAuthentifie(ErreurMetier):
    """No session, or one that has ended (401)."""

    code_http = 401
    titre = "Connexion nécessaire"
    detail = "Votre session est absente ou terminée : connectez-vous de nouveau."


class IdentifiantsRefuses(NonAuthentifie):
    """Unknown account or wrong password: one answer for both, so that accounts cannot be enumerated (401)."""

    titre = "Connexion refusée"
    detail = "Identifiant ou mot de passe incorrect."


class RoleInterdit(ErreurMetier):
    """The role of the caller may not use this route (403)."""

    code_http = 403
    titre = "Accès refusé"
    detail = "Votre profil ne permet pas cette action."


class Introuvable(ErreurMetier):
    """Nothing there, or nothing that this person may know of (404)."""

    code_http = 404
    titre = "Introuvable"
    detail = "L'élément demandé n'existe pas ou ne vous est pas accessible."


class DemandeInconnue(Introuvable):
    """No such demande for this usager: somebody else's is told the same way (404)."""

    titre = "Demande introuvable"
    detail = "Cette demande n'existe pas, ou n'est pas la vôtre."


class PieceInconnue(Introuvable):
    """No such pièce in this demande (404)."""

    titre = "Pièce introuvable"
    detail = "Cette pièce n'existe pas dans cette demande."


class Conflit(ErreurMetier):
    """The state of things forbids it (409)."""

    code_http = 409
    titre = "Action impossible dans l'état actuel"


class TransitionInterdite(Conflit):
    """The statut forbids this action; ``statut`` tells the current one (409)."""

    titre = "La demande n'est plus modifiable ainsi"

    def __init__(self, statut: str, detail: str | None = None) -> None:
        super().__init__(detail or "L'état actuel de la demande ne permet pas cette action.", statut=statut)


class DemandeIncomplete(Conflit):
    """Something is missing; ``manques`` is a list of {etape, champ?, message} (409)."""

    titre = "Demande incomplète"
    detail = "Il manque des éléments à votre demande."

    def __init__(self, manques: Sequence[Mapping[str, str]]) -> None:
        super().__init__(manques=[dict(manque) for manque in manques])


class TimbreIndisponible(Conflit):
    """The stamp is spent, held by another demande, expired or unknown to the shop (409)."""

    titre = "Timbre inutilisable"
    detail = "Ce timbre est déjà utilisé, réservé pour une autre demande, ou inconnu."


class RienAPayer(Conflit):
    """The motif is free of charge (409)."""

    titre = "Rien à payer"
    detail = "Cette demande est gratuite : aucun paiement n'est nécessaire."


class IdentifiantPris(Conflit):
    """The identifiant chosen belongs to another account (409)."""

    titre = "Identifiant déjà utilisé"
    detail = "Cet identifiant est déjà pris : choisissez-en un autre."


class ConflitDeVersion(ErreurMetier):
    """The caller's If-Match is stale; ``version`` is the current one (412)."""

    code_http = 412
    titre = "Demande modifiée entre-temps"

    def __init__(self, version: int) -> None:
        super().__init__(
            "La demande a été modifiée depuis votre dernière lecture : relisez-la avant d'enregistrer.",
            version=version,
        )


class TropDeTentatives(ErreurMetier):
    """Locked for a while after failures; ``attendre_s`` seconds to wait (429, Retry-After)."""

    code_http = 429
    titre = "Trop de tentatives"

    def __init__(self, attendre_s: int) -> None:
        minutes = -(-attendre_s // 60)
        super().__init__(f"Trop d'essais : patientez environ {minutes} minute(s) avant de recommencer.")
        self.attendre_s = attendre_s


class ServiceIndisponible(ErreurMetier):
    """An outside system does not answer; nothing typed is lost (503, Retry-After)."""

    code_http = 503
    titre = "Service momentanément indisponible"
    detail = "Un service extérieur ne répond pas. Rien n'est perdu : recommencez dans quelques instants."
    attendre_s = 30


class DejaPaye(Conflit):
    """A stamp is held already for this demande (409)."""

    titre = "Déjà payé"
    detail = "Un timbre est déjà réservé pour cette demande : il n'y a rien de plus à payer."


class FichierAbsent(Conflit):
    """The control was asked before the file arrived (409)."""

    titre = "Fichier non reçu"
    detail = "Le fichier n'est pas encore arrivé : envoyez-le, puis demandez de nouveau son contrôle."
