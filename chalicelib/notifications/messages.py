"""Every text sent to people, by mail and by SMS, in this one place.

A type without an entry has no notice on that channel. A mail's subject and an SMS carry no identity data: they show on
a locked screen. An SMS fits 160 GSM-7 characters, checked by its sender.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.codes import DUREE_CODE_S
from chalicelib.demande.modeles import Demande, Motif
from chalicelib.demande.notifications import Courriel

_MINUTES = DUREE_CODE_S // 60


@dataclass(frozen=True)
class Dossier:
    """What a text may use, read in the tables when the notice is written.

    ``url_site`` is the site's base URL; ``email`` and ``telephone`` are where to write. As the event has them: the
    account's ``identifiant``, whether it is ``a_activer``, the ``code``; the ``demande``; the ``cloture`` of a draft.
    """

    url_site: str
    email: str | None = None
    telephone: str | None = None
    identifiant: str | None = None
    a_activer: bool = False
    code: str | None = None
    perime: bool = False
    demande: Demande | None = None
    cloture: datetime | None = None


def _courriel(objet: str, *paragraphes: str) -> Courriel:
    fin = "Ce message est automatique : il n'est pas possible d'y répondre.\nPermis de conduire en ligne"
    return Courriel(objet, "\n\n".join(("Bonjour,", *paragraphes, fin)) + "\n")


def _code(dossier: Dossier) -> str:
    return f"Votre code : {dossier.code}"


_DUREE = f"Il est valable {_MINUTES} minutes. Ne le communiquez à personne : aucun agent ne vous le demandera."


def _code_activation(dossier: Dossier) -> Courriel:
    return _courriel(
        "Activez votre compte",
        "Vous venez de créer un compte pour votre permis de conduire.",
        f"Votre identifiant : {dossier.identifiant}\n{_code(dossier)}",
        f"{_DUREE} Saisissez-le sur {dossier.url_site} pour activer votre compte.",
        "Si vous n'êtes pas à l'origine de cette création, ne faites rien : le compte ne sera pas activé.",
    )


def _compte_deja_existant(dossier: Dossier) -> Courriel:
    suite = (
        "Ce compte n'est pas encore activé : demandez un nouveau code d'activation avec cet identifiant."
        if dossier.a_activer
        else "Si vous ne retrouvez pas votre mot de passe, choisissez « Mot de passe oublié »."
    )
    return _courriel(
        "Vous avez déjà un compte",
        "Une création de compte vient d'être demandée avec votre adresse électronique, qui a déjà un compte.",
        f"Votre identifiant : {dossier.identifiant}",
        f"{suite} Le service est à l'adresse {dossier.url_site}.",
        "Si cette demande ne vient pas de vous, vous n'avez rien à faire : votre compte est inchangé.",
    )


def _identifiant_oublie(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre identifiant",
        "Vous avez demandé à retrouver votre identifiant.",
        f"Votre identifiant : {dossier.identifiant}",
        f"Connectez-vous sur {dossier.url_site}.",
        "Si cette demande ne vient pas de vous, vous n'avez rien à faire.",
    )


def _code_mot_de_passe(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre code pour changer de mot de passe",
        "Vous avez demandé à changer un mot de passe oublié.",
        _code(dossier),
        f"{_DUREE} Saisissez-le sur {dossier.url_site}.",
        "Si cette demande ne vient pas de vous, ne faites rien : votre mot de passe reste le même.",
    )


def _mot_de_passe_modifie(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre mot de passe a été modifié",
        "Le mot de passe de votre compte vient d'être modifié. Toutes les connexions ouvertes ont été fermées.",
        "Si ce changement ne vient pas de vous, choisissez tout de suite « Mot de passe oublié » sur "
        f"{dossier.url_site}.",
    )


def _code_email(dossier: Dossier) -> Courriel:
    return _courriel(
        "Confirmez votre nouvelle adresse électronique",
        "Cette adresse vient d'être indiquée pour un compte du permis de conduire en ligne.",
        _code(dossier),
        f"{_DUREE} Saisissez-le dans votre profil pour confirmer l'adresse.",
        "Si vous n'êtes pas à l'origine de ce changement, ne faites rien : l'adresse ne sera pas utilisée.",
    )


def _coordonnees_modifiees(dossier: Dossier) -> Courriel:
    return _courriel(
        "Vos coordonnées ont été modifiées",
        "L'adresse électronique ou le numéro de téléphone de votre compte vient d'être modifié.",
        "Si ce changement ne vient pas de vous, choisissez tout de suite « Mot de passe oublié » sur "
        f"{dossier.url_site}, puis vérifiez votre profil.",
    )


def _compte_ferme(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre compte est fermé",
        "Votre compte a été fermé comme vous l'avez demandé.",
        "Les demandes que vous avez confirmées restent enregistrées et suivent leur cours.",
    )


def _demande_deposee(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre demande de permis de conduire est déposée",
        f"Nous avons bien reçu votre demande n° {_demande(dossier).numero}. Conservez ce numéro.",
        "Prochaine étape : le contrôle de vos pièces justificatives. Vous n'avez rien à faire pour le moment ; nous "
        "vous écrirons si un élément manque.",
        f"Vous pouvez suivre votre demande et télécharger son justificatif à tout moment sur {dossier.url_site}.",
    )


def _brouillon_rappele(dossier: Dossier) -> Courriel:
    avant = f"avant le {dossier.cloture:%d/%m/%Y}" if dossier.cloture else "dans les prochains jours"
    return _courriel(
        "Votre demande de permis de conduire n'est pas terminée",
        "Vous avez commencé une demande de permis de conduire sans la confirmer. Vos réponses sont enregistrées.",
        f"Reprenez-la {avant} sur {dossier.url_site} : sans changement de votre part, elle sera alors close.",
    )


def _classee_sans_suite(dossier: Dossier) -> Courriel:
    if _demande(dossier).numero:
        objet, fait = "Votre demande de permis de conduire est close", f"Votre demande n° {_demande(dossier).numero}"
    else:
        objet, fait = "Votre demande de permis de conduire non terminée est close", "Votre demande, restée inachevée,"
    return _courriel(
        objet,
        f"{fait} a été classée sans suite parce que le délai est passé.",
        "Si vous aviez acheté un timbre fiscal, il reste à vous : vous pouvez l'utiliser jusqu'à sa date d'expiration.",
        f"Vous pouvez faire une nouvelle demande à tout moment sur {dossier.url_site}.",
    )


def _demande_retiree(dossier: Dossier) -> Courriel | None:
    demande = _demande(dossier)
    if demande.numero is None:
        # The person has just thrown away a draft of theirs: they know.
        return None
    perte = (
        ("La déclaration de perte faite dans la demande, elle, ne s'annule pas, même si vous retrouvez votre permis.",)
        if demande.motif is Motif.PERTE
        else ()
    )
    return _courriel(
        "Votre demande de permis de conduire est retirée",
        f"Votre demande n° {demande.numero} a été retirée comme vous l'avez demandé.",
        *perte,
        "Si vous aviez acheté un timbre fiscal, il reste à vous : vous pouvez l'utiliser jusqu'à sa date d'expiration.",
    )


def _timbre_conserve(dossier: Dossier) -> Courriel:
    return _courriel(
        "Votre timbre fiscal est conservé",
        "Le paiement d'un timbre fiscal nous est parvenu alors que votre demande n'en avait plus besoin.",
        "Ce timbre n'est pas perdu : il n'a pas été utilisé et reste à vous jusqu'à sa date d'expiration. Son numéro "
        "figure sur la confirmation d'achat du site des timbres ; indiquez-le à l'étape du paiement d'une prochaine "
        "demande.",
    )


def _demande(dossier: Dossier) -> Demande:
    if dossier.demande is None:
        raise ValueError("ce texte parle d'une demande")
    return dossier.demande


MAILS: Mapping[str, Callable[[Dossier], Courriel | None]] = {
    "CodeActivation": _code_activation,
    "CompteDejaExistant": _compte_deja_existant,
    "IdentifiantOublie": _identifiant_oublie,
    "CodeMotDePasse": _code_mot_de_passe,
    "MotDePasseModifie": _mot_de_passe_modifie,
    "CodeEmail": _code_email,
    "CoordonneesModifiees": _coordonnees_modifiees,
    "CompteFerme": _compte_ferme,
    "DemandeDeposee": _demande_deposee,
    "BrouillonRappele": _brouillon_rappele,
    "DemandeClasseeSansSuite": _classee_sans_suite,
    "DemandeRetiree": _demande_retiree,
    "TimbreConserve": _timbre_conserve,
}


def _sms_code(dossier: Dossier) -> str:
    return f"Permis en ligne : votre code est {dossier.code}, valable {_MINUTES} minutes. Ne le communiquez à personne."


def _sms_depot(dossier: Dossier) -> str:
    return f"Votre demande de permis est déposée. Suivi : {dossier.url_site}"


SMS: Mapping[str, Callable[[Dossier], str]] = {
    "CodeMotDePasseSms": _sms_code,
    "CodeTelephone": _sms_code,
    "DemandeDeposee": _sms_depot,
}
