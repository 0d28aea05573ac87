"""What is written to the usager while his titre is made and sent; and by SMS when a mail could not reach him."""

from collections.abc import Callable, Mapping

from chalicelib.demande.modeles import Motif
from chalicelib.demande.notifications import SECOURS, Courriel
from chalicelib.notifications.mise_en_page import Valeur
from chalicelib.notifications.redaction import Dossier, courriel, la_demande, page_de_la_demande, suivre, voir


def _commande_acceptee(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre permis de conduire est en fabrication",
        f"Le titre de votre demande n° {la_demande(dossier).numero} est en cours de fabrication. La demande ne peut "
        "plus être retirée.",
        "Prochaine étape : son envoi par la poste. Nous vous écrirons quand il partira.",
        *suivre(dossier),
    )


def _suivi(dossier: Dossier) -> Valeur | None:
    numero = la_demande(dossier).numero_suivi
    return Valeur("Numéro de suivi de l'envoi", numero) if numero else None


_REMISE = (
    "Le facteur vous le remettra en main propre contre signature. Préparez une pièce d'identité. En votre absence, il "
    "laissera un avis de passage et votre titre vous attendra quinze jours au bureau de poste."
)


def _expedie(dossier: Dossier) -> Courriel | None:
    demande = la_demande(dossier)
    if demande.retours:
        # Its sending was told when an agent asked for it: only the number is new.
        return _suivi_connu(dossier) if demande.numero_suivi else None
    return courriel(
        "Votre permis de conduire est en chemin",
        f"Le titre de votre demande n° {demande.numero} est confié à la poste.",
        _suivi(dossier),
        _REMISE,
        voir(dossier),
    )


def _suivi_connu(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre permis de conduire est de nouveau en chemin",
        f"La poste a donné le numéro de suivi du titre de votre demande n° {la_demande(dossier).numero}, qui vous est "
        "renvoyé.",
        _suivi(dossier),
        voir(dossier),
    )


def _sms_expedie(dossier: Dossier) -> str | None:
    if la_demande(dossier).retours:
        return None
    return f"Votre permis part par la poste : remise en main propre contre signature. Suivi : {dossier.lien}"


def _distribue(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    ancien = {
        Motif.DETERIORATION: "Détruisez le titre détérioré, s'il est encore en votre possession.",
        Motif.PERTE: "Si vous retrouvez l'ancien titre, il n'est plus valable : ne l'utilisez pas.",
        Motif.VOL: "Si l'ancien titre est retrouvé, il n'est plus valable : ne l'utilisez pas.",
    }.get(demande.motif, "")
    return courriel(
        "Votre permis de conduire vous a été remis",
        f"Selon la poste, le titre de votre demande n° {demande.numero} vous a été remis. Votre demande est terminée.",
        ancien,
        f"Si vous ne l'avez pas reçu, signalez-le {dossier.ou}.",
        page_de_la_demande(dossier, "messages", "Écrire au service"),
    )


def _retourne(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre permis de conduire n'a pas pu vous être remis",
        f"La poste n'a pas pu vous remettre le titre de votre demande n° {la_demande(dossier).numero} : il nous est "
        "revenu. Il n'est pas perdu.",
        f"Vérifiez votre adresse {dossier.ou}, corrigez-la s'il le faut et confirmez-la : votre titre vous "
        "sera renvoyé.",
        page_de_la_demande(dossier, "suivi", "Vérifier mon adresse"),
    )


def _sms_retourne(dossier: Dossier) -> str:
    return f"La poste n'a pas pu vous remettre votre permis. Vérifiez votre adresse : {dossier.lien}"


def _adresse_confirmee(dossier: Dossier) -> Courriel:
    return courriel(
        "L'adresse de votre demande est confirmée",
        f"L'adresse à laquelle le titre de votre demande n° {la_demande(dossier).numero} vous sera renvoyé vient "
        "d'être confirmée. Nous vous écrirons quand il partira.",
        f"Si cette confirmation ne vient pas de vous, signalez-le {dossier.ou}.",
        page_de_la_demande(dossier, "messages", "Écrire au service"),
    )


def _reexpedie(dossier: Dossier) -> Courriel:
    # Under a number of its own, which the post tells later.
    return courriel(
        "Votre permis de conduire vous est renvoyé",
        f"Le titre de votre demande n° {la_demande(dossier).numero} repart par la poste, à l'adresse de votre demande.",
        _REMISE,
        voir(dossier),
    )


def _sms_reexpedie(dossier: Dossier) -> str:
    return f"Votre permis repart par la poste : remise en main propre contre signature. Suivi : {dossier.lien}"


def _secours_sms(dossier: Dossier) -> str:
    return f"Permis : du nouveau pour votre demande, mais notre courriel n'a pu vous parvenir. Lire : {dossier.lien}"


MAILS: Mapping[str, Callable[[Dossier], Courriel | None]] = {
    "CommandeAcceptee": _commande_acceptee,
    "TitreExpedie": _expedie,
    "TitreDistribue": _distribue,
    "TitreRetourne": _retourne,
    "AdresseConfirmee": _adresse_confirmee,
    "TitreReexpedie": _reexpedie,
}

SMS: Mapping[str, Callable[[Dossier], str | None]] = {
    "TitreExpedie": _sms_expedie,
    "TitreRetourne": _sms_retourne,
    "TitreReexpedie": _sms_reexpedie,
    SECOURS: _secours_sms,
}
