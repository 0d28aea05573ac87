"""What is written to the holder of an account: codes, and each change of what opens it."""

from collections.abc import Callable, Mapping

from chalicelib.demande.codes import DUREE_CODE_S
from chalicelib.demande.instants import ecrire
from chalicelib.demande.notifications import Courriel
from chalicelib.notifications.mise_en_page import Lien, Valeur
from chalicelib.notifications.redaction import Dossier, courriel, en_lettres, espace_des_agents, page

_MINUTES = DUREE_CODE_S // 60


def _code(dossier: Dossier) -> Valeur:
    return Valeur("Votre code", str(dossier.code))


def _identifiant(dossier: Dossier) -> Valeur:
    return Valeur("Votre identifiant", str(dossier.identifiant))


def _espace(dossier: Dossier) -> str:
    """Where the account is opened: agents have their own pages."""
    return "/agent" if dossier.agent else "/compte"


def _activer(dossier: Dossier) -> Lien:
    return page(dossier, f"{_espace(dossier)}/activer/", "Activer mon compte")


def _mot_de_passe(dossier: Dossier) -> Lien:
    return page(dossier, f"{_espace(dossier)}/mot-de-passe-oublie/", "Choisir un nouveau mot de passe")


_DUREE = f"Il est valable {_MINUTES} minutes. Ne le communiquez à personne : aucun agent ne vous le demandera."


def _code_activation(dossier: Dossier) -> Courriel:
    return courriel(
        "Activez votre compte",
        "Vous venez de créer un compte pour votre permis de conduire.",
        _identifiant(dossier),
        _code(dossier),
        f"{_DUREE} Saisissez-le sur notre site pour activer votre compte.",
        _activer(dossier),
        "Si vous n'êtes pas à l'origine de cette création, ne faites rien : le compte ne sera pas activé.",
    )


def _compte_deja_existant(dossier: Dossier) -> Courriel:
    suite, lien = (
        (
            "Ce compte n'est pas encore activé : demandez un nouveau code d'activation avec cet identifiant.",
            _activer(dossier),
        )
        if dossier.a_activer
        else (
            "Mot de passe oublié ? Choisissez-en un nouveau.",
            _mot_de_passe(dossier),
        )
    )
    return courriel(
        "Vous avez déjà un compte",
        "Une création de compte vient d'être demandée avec votre adresse électronique, qui a déjà un compte.",
        _identifiant(dossier),
        suite,
        lien,
        "Si cette demande ne vient pas de vous, vous n'avez rien à faire : votre compte est inchangé.",
    )


def _identifiant_oublie(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre identifiant",
        "Vous avez demandé à retrouver votre identifiant.",
        _identifiant(dossier),
        page(dossier, f"{_espace(dossier)}/connexion/", "Me connecter"),
        "Si cette demande ne vient pas de vous, vous n'avez rien à faire.",
    )


def _code_mot_de_passe(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre code pour changer de mot de passe",
        "Vous avez demandé à changer un mot de passe oublié.",
        _code(dossier),
        f"{_DUREE} Saisissez-le sur notre site.",
        _mot_de_passe(dossier),
        "Si cette demande ne vient pas de vous, ne faites rien : votre mot de passe reste le même.",
    )


def _mot_de_passe_modifie(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre mot de passe a été modifié",
        "Le mot de passe de votre compte vient d'être modifié. Toutes les connexions ouvertes ont été fermées.",
        "Si ce changement ne vient pas de vous, choisissez tout de suite un nouveau mot de passe.",
        _mot_de_passe(dossier),
    )


def _code_email(dossier: Dossier) -> Courriel:
    return courriel(
        "Confirmez votre nouvelle adresse électronique",
        "Cette adresse vient d'être indiquée pour un compte du permis de conduire en ligne.",
        _code(dossier),
        f"{_DUREE} Saisissez-le dans votre profil pour confirmer l'adresse.",
        page(dossier, "/compte/", "Ouvrir mon profil"),
        "Si vous n'êtes pas à l'origine de ce changement, ne faites rien : l'adresse ne sera pas utilisée.",
    )


def _coordonnees_modifiees(dossier: Dossier) -> Courriel:
    return courriel(
        "Vos coordonnées ont été modifiées",
        "L'adresse électronique ou le numéro de téléphone de votre compte vient d'être modifié.",
        "Si ce changement ne vient pas de vous, choisissez tout de suite un nouveau mot de passe, puis vérifiez votre "
        "profil.",
        _mot_de_passe(dossier),
    )


def _compte_ferme(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre compte est fermé",
        "Votre compte a été fermé comme vous l'avez demandé.",
        "Les demandes que vous avez confirmées restent enregistrées et suivent leur cours.",
    )


def _compte_inutilise(dossier: Dossier) -> Courriel | None:
    if dossier.cloture is None:
        return None
    le = en_lettres(ecrire(dossier.cloture))
    return courriel(
        "Votre compte va être fermé",
        "Vous ne vous êtes pas connecté à votre compte du permis de conduire en ligne depuis près de trois ans.",
        _identifiant(dossier),
        f"Pour le garder, connectez-vous avant le {le}.",
        page(dossier, "/compte/connexion/", "Me connecter"),
        "Sinon, votre compte sera fermé et ses données seront effacées. Les demandes que vous avez confirmées restent "
        "enregistrées.",
    )


def _compte_inutilise_ferme(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre compte est fermé",
        "Votre compte a été fermé, parce que vous ne vous y êtes pas connecté depuis trois ans. Ses données sont "
        "effacées.",
        "Les demandes que vous avez confirmées restent enregistrées. Pour une nouvelle demande, créez un autre compte.",
        page(dossier, "/compte/creer/", "Créer un compte"),
    )


def _habilitation_ouverte(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre compte d'agent est ouvert",
        "Votre chef de service vous a ouvert un compte d'agent pour le permis de conduire en ligne.",
        _identifiant(dossier),
        _code(dossier),
        f"{_DUREE} Saisissez-le dans l'espace des agents pour activer votre compte et choisir votre mot de passe. "
        "Passé ce délai, demandez-y un autre code avec votre identifiant.",
        _activer(dossier),
        "Si vous ne savez pas de quoi il s'agit, ne faites rien : le compte ne sera pas activé.",
    )


def _habilitation_modifiee(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre habilitation a changé",
        "Votre chef de service vient de modifier votre rôle, ou les autorités pour lesquelles vous traitez des "
        "demandes. Toutes vos connexions ont été fermées.",
        "Connectez-vous de nouveau. En cas de doute, voyez avec votre chef de service.",
        espace_des_agents(dossier),
    )


def _habilitation_fermee(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre compte d'agent est fermé",
        "Votre chef de service vient de fermer votre compte d'agent : vous ne pouvez plus vous connecter.",
        "En cas de doute, voyez avec votre chef de service.",
    )


MAILS: Mapping[str, Callable[[Dossier], Courriel | None]] = {
    "CodeActivation": _code_activation,
    "CompteDejaExistant": _compte_deja_existant,
    "IdentifiantOublie": _identifiant_oublie,
    "CodeMotDePasse": _code_mot_de_passe,
    "MotDePasseModifie": _mot_de_passe_modifie,
    "CodeEmail": _code_email,
    "CoordonneesModifiees": _coordonnees_modifiees,
    "CompteFerme": _compte_ferme,
    "CompteInutilise": _compte_inutilise,
    "CompteInutiliseFerme": _compte_inutilise_ferme,
    "HabilitationOuverte": _habilitation_ouverte,
    "HabilitationModifiee": _habilitation_modifiee,
    "HabilitationFermee": _habilitation_fermee,
}


def _sms_code(dossier: Dossier) -> str:
    return f"Permis en ligne : votre code est {dossier.code}, valable {_MINUTES} minutes. Ne le communiquez à personne."


SMS: Mapping[str, Callable[[Dossier], str]] = {
    "CodeMotDePasseSms": _sms_code,
    "CodeTelephone": _sms_code,
}
