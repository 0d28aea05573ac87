"""What is written to the usager while his demande is prepared, examined and decided."""

from collections.abc import Callable, Mapping

from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatPhoto, Motif, Statut
from chalicelib.demande.motifs_decision import libelle_cible, libelle_refus, libelle_suspension
from chalicelib.demande.notifications import Courriel
from chalicelib.notifications.mise_en_page import Bloc, Lien, Titre
from chalicelib.notifications.redaction import (
    Dossier,
    avant_le,
    courriel,
    en_chiffres,
    en_lettres,
    espace_des_agents,
    la_demande,
    page_de_l_usager,
    page_de_la_demande,
    puces,
    suivre,
    voir,
)

_TIMBRE = (
    "Si vous aviez acheté un timbre fiscal, il reste à vous : vous pouvez l'utiliser jusqu'à sa date d'expiration."
)
_QUALITES = {"representant_legal": "votre représentant légal", "mandataire": "la personne que vous avez mandatée"}

_RECOURS = (
    "Vous pouvez, dans les deux mois qui suivent la notification de cette décision :\n"
    "- demander à la préfecture de la revoir (recours gracieux) ;\n"
    "- écrire au ministre de l'intérieur (recours hiérarchique) ;\n"
    "- saisir le tribunal administratif, par courrier ou sur https://www.telerecours.fr (recours contentieux).\n"
    "Un recours gracieux ou hiérarchique formé dans ce délai prolonge d'autant celui du tribunal."
)


def _completer(dossier: Dossier) -> Lien | None:
    return page_de_la_demande(dossier, "complement", "Compléter ma demande")


def _ecrire_au_service(dossier: Dossier) -> Lien | None:
    return page_de_la_demande(dossier, "messages", "Écrire au service")


def _nouvelle_demande(dossier: Dossier) -> Lien | None:
    return page_de_l_usager(dossier, "/demande/motif/", "Faire une nouvelle demande")


def _si_rien(dossier: Dossier) -> str:
    return f"Sans réponse de votre part{avant_le(dossier)}, votre demande sera classée sans suite." + (
        " Votre timbre fiscal vous resterait acquis." if la_demande(dossier).paiement else ""
    )


def _deposee(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    return courriel(
        "Votre demande de permis de conduire est déposée",
        f"{_qui_depose(demande)} n° {demande.numero}. Conservez ce numéro.",
        "Prochaine étape : le contrôle de vos pièces justificatives. Vous n'avez rien à faire pour le moment ; nous "
        "vous écrirons si un élément manque.",
        f"Vous pouvez suivre votre demande et télécharger son justificatif à tout moment {dossier.ou}.",
        voir(dossier),
    )


def _qui_depose(demande: Demande) -> str:
    if demande.representant is not None:
        qui = _QUALITES[demande.representant.qualite]
        return f"Une demande de permis de conduire a été déposée en votre nom par {qui}. C'est la demande"
    if demande.origine == "papier":
        return "Votre dossier papier nous est parvenu et un agent l'a enregistré. C'est la demande"
    return "Nous avons bien reçu votre demande"


def _sms_deposee(dossier: Dossier) -> str:
    return f"Votre demande de permis est déposée. Suivi : {dossier.lien}"


def _brouillon_rappele(dossier: Dossier) -> Courriel:
    avant = f"avant le {en_lettres(ecrire(dossier.cloture))}" if dossier.cloture else "dans les prochains jours"
    if la_demande(dossier).origine == "papier":
        return courriel(
            "Un dossier papier attend la fin de sa saisie",
            "Vous avez commencé à saisir un dossier papier sans le confirmer. Ce que vous avez saisi est enregistré.",
            f"Terminez-la {avant} : sans changement de votre part, elle sera alors close, et le dossier devra être "
            "saisi à nouveau.",
            espace_des_agents(dossier),
        )
    return courriel(
        "Votre demande de permis de conduire n'est pas terminée",
        "Vous avez commencé une demande de permis de conduire sans la confirmer. Vos réponses sont enregistrées.",
        f"Reprenez-la {avant} {dossier.ou} : sans changement de votre part, elle sera alors close.",
        page_de_l_usager(dossier, "/demandes/", "Reprendre ma demande"),
    )


def _deja_refusee(dossier: Dossier) -> bool:
    photo = la_demande(dossier).photo_signature
    return photo is not None and photo.etat is EtatPhoto.REFUSE


def _photo_attendue(dossier: Dossier) -> Courriel:
    if _deja_refusee(dossier):
        # It was refused before anybody waited for it, and its usager could do nothing then.
        return _photo_refusee(dossier)
    demande = la_demande(dossier)
    if demande.photo_signature is not None and demande.photo_signature.mode == "talon":
        geste = (
            f"Imprimez le talon {dossier.ou}, collez-y votre photo, signez-le et envoyez-le par la poste "
            f"à l'adresse qui y figure, pour qu'il arrive{avant_le(dossier)}. S'il est déjà parti, vous n'avez rien à "
            "faire."
        )
    else:
        geste = (
            "Votre code « photo numérique » n'est pas encore actif : le photographe ou la cabine doit d'abord "
            f"transmettre votre photo et votre signature. Si ce n'est pas fait{avant_le(dossier)}, adressez-vous à "
            f"lui, ou donnez un autre code {dossier.ou}."
        )
    return courriel(
        "Votre photo et votre signature sont attendues",
        f"Les pièces de votre demande n° {demande.numero} sont contrôlées. Il ne manque plus que votre photo et votre "
        "signature.",
        geste,
        voir(dossier),
        _si_rien(dossier),
    )


def _sms_photo_attendue(dossier: Dossier) -> str:
    if _deja_refusee(dossier):
        return _sms_photo_refusee(dossier)
    return f"Permis : votre photo et votre signature sont attendues{avant_le(dossier, court=True)}. {dossier.lien}"


def _photo_rappelee(dossier: Dossier) -> Courriel:
    return courriel(
        f"{_rang(dossier)} : votre photo et votre signature sont attendues",
        f"Votre demande n° {la_demande(dossier).numero} attend toujours votre photo et votre signature.",
        f"Elles doivent nous parvenir{avant_le(dossier)}. Ce qu'il faut faire est expliqué {dossier.ou}.",
        voir(dossier),
        _si_rien(dossier),
    )


def _sms_photo_rappelee(dossier: Dossier) -> str:
    return f"Permis, rappel : votre photo est attendue{avant_le(dossier, court=True)}. {dossier.lien}"


def _photo_recue(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre photo et votre signature sont arrivées",
        f"La photo et la signature de votre demande n° {la_demande(dossier).numero} nous sont parvenues.",
        *suivre(dossier),
    )


def _photo_refusee(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre photo ou votre signature est à refaire",
        f"La photo ou la signature reçue pour votre demande n° {la_demande(dossier).numero} ne peut pas être utilisée.",
        f"Une nouvelle photo et une nouvelle signature doivent nous parvenir{avant_le(dossier)} : donnez un nouveau "
        f"code « photo numérique », ou choisissez le talon, {dossier.ou}.",
        # While the demande is suspended, the photo is one more thing to complete.
        _completer(dossier) if la_demande(dossier).statut is Statut.SUSPENDUE else voir(dossier),
        _si_rien(dossier),
    )


def _sms_photo_refusee(dossier: Dossier) -> str:
    return f"Permis : votre photo est à refaire{avant_le(dossier, court=True)}. Explications : {dossier.lien}"


def _photo_tardive(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre photo est arrivée après la fin de votre demande",
        f"La photo et la signature de votre demande n° {la_demande(dossier).numero} nous sont parvenues alors que "
        "cette demande était déjà terminée : elles n'ont pas pu être utilisées.",
        f"Si vous avez toujours besoin d'un titre, faites une nouvelle demande {dossier.ou}.",
        _nouvelle_demande(dossier),
    )


def _controle_termine(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre dossier est complet",
        f"Les pièces de votre demande n° {la_demande(dossier).numero} ont été contrôlées : votre dossier est complet.",
        "Prochaine étape : un agent examine votre demande. Vous n'avez rien à faire pour le moment.",
        *suivre(dossier),
    )


def _suspendue(dossier: Dossier) -> Courriel:
    return courriel(
        "Un complément est nécessaire pour votre demande",
        f"Pour poursuivre l'examen de votre demande n° {la_demande(dossier).numero}, il nous faut ce qui suit :",
        *_complement(dossier),
        "Votre demande n'est pas à recommencer : seuls ces éléments sont à envoyer, et l'examen reprendra là où il "
        "s'est arrêté.",
        _si_rien(dossier),
    )


def _complement(dossier: Dossier) -> tuple[Bloc | None, ...]:
    """What is asked, the word left beside it, and where and when to answer."""
    suspension = la_demande(dossier).suspension
    if suspension is None:
        raise ValueError("ce texte parle d'une suspension en cours")
    demandes = [
        f"{libelle_cible(element.type or element.cible, {})} : {libelle_suspension(element.motif)}"
        for element in suspension.elements
    ]
    mot = "L'agent vous a laissé un message : lisez-le avec votre demande." if suspension.message else ""
    # Several files of one pièce are one thing to the usager.
    return (
        puces(list(dict.fromkeys(demandes))),
        Titre("Pour répondre"),
        mot,
        f"Répondez{avant_le(dossier)} {dossier.ou}.",
        _completer(dossier),
    )


def _sms_suspendue(dossier: Dossier) -> str:
    return f"Permis : un complément vous est demandé{avant_le(dossier, court=True)}. Détails : {dossier.lien}"


def _suspension_corrigee(dossier: Dossier) -> Courriel:
    return courriel(
        "Le complément demandé a changé",
        f"Ce qui vous est demandé pour votre demande n° {la_demande(dossier).numero} a été modifié. Voici ce qui est "
        "attendu désormais :",
        *_complement(dossier),
        _si_rien(dossier),
    )


def _sms_suspension_corrigee(dossier: Dossier) -> str:
    return f"Permis : le complément demandé a changé{_a_fournir(dossier)}. {dossier.lien}"


def _a_fournir(dossier: Dossier) -> str:
    avant = avant_le(dossier, court=True)
    return f", à fournir{avant}" if avant else ""


def _suspension_levee(dossier: Dossier) -> Courriel:
    return courriel(
        "Aucun complément n'est plus nécessaire",
        f"L'examen de votre demande n° {la_demande(dossier).numero} reprend : le complément qui vous était demandé "
        "n'est plus nécessaire. Vous n'avez rien à envoyer.",
        *suivre(dossier),
    )


def _sms_suspension_levee(dossier: Dossier) -> str:
    return f"Permis : le complément demandé n'est plus nécessaire. Suivi : {dossier.lien}"


def _complement_rappele(dossier: Dossier) -> Courriel:
    return courriel(
        f"{_rang(dossier)} : un complément est attendu pour votre demande",
        f"Votre demande n° {la_demande(dossier).numero} est arrêtée : elle attend toujours ce qui suit.",
        *_complement(dossier),
        _si_rien(dossier),
    )


def _sms_complement_rappele(dossier: Dossier) -> str:
    return f"Permis, rappel : un complément est attendu{avant_le(dossier, court=True)}. {dossier.lien}"


def _rang(dossier: Dossier) -> str:
    return "Dernier rappel" if la_demande(dossier).rappels > 1 else "Rappel"


def _droits_bientot_finis(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    quoi = "vol" if demande.motif is Motif.VOL else "perte"
    return courriel(
        "Votre droit provisoire de conduire prend bientôt fin",
        f"Votre déclaration de {quoi} vous permet de conduire, en France,{_jusqu_au(demande, en_lettres)}. Après cette "
        "date, vous ne pourrez plus conduire tant que votre nouveau titre ne vous aura pas été remis.",
        f"Votre demande n° {demande.numero} est toujours en cours.",
        *suivre(dossier),
    )


def _sms_droits_bientot_finis(dossier: Dossier) -> str:
    fin = _jusqu_au(la_demande(dossier), en_chiffres)
    return f"Permis : votre droit provisoire de conduire court{fin}, pas au-delà. {dossier.lien}"


def _jusqu_au(demande: Demande, ecrire_la_date: Callable[[str], str]) -> str:
    fin = demande.droits_rappeles
    return f" jusqu'au {ecrire_la_date(fin)}" if fin else " deux mois à compter de sa date"


def _complement_depose(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    # A photo still to come is asked by a mail of its own.
    suite = (
        ""
        if demande.statut is Statut.ATTENTE_PHOTO
        else "L'examen de votre demande reprend là où il s'était arrêté. Vous n'avez rien à faire pour le moment."
    )
    return courriel(
        "Votre complément est bien arrivé",
        f"Nous avons bien reçu le complément de votre demande n° {demande.numero}.",
        suite,
        *suivre(dossier),
    )


def _contact_remplace(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    return courriel(
        "Les coordonnées de votre demande ont changé",
        f"Cette adresse électronique n'est plus celle de votre demande n° {demande.numero} : les prochains messages "
        "n'y seront plus envoyés.",
        f"Si ce changement ne vient pas de vous, signalez-le tout de suite {dossier.ou}.",
        _ecrire_au_service(dossier),
        "" if dossier.sur_papier else "Changez aussi le mot de passe de votre compte.",
        page_de_l_usager(dossier, "/compte/mot-de-passe-oublie/", "Choisir un nouveau mot de passe"),
    )


def _sms_contact_remplace(dossier: Dossier) -> str:
    return f"Permis : ce numéro n'est plus celui de votre demande. Si ce n'est pas de vous : {dossier.lien}"


def _message_agent(dossier: Dossier) -> Courriel:
    return courriel(
        "Vous avez un message au sujet de votre demande",
        f"Un agent vous a écrit au sujet de votre demande n° {la_demande(dossier).numero}.",
        f"Lisez son message et répondez-lui {dossier.ou}.",
        page_de_la_demande(dossier, "messages", "Lire le message"),
    )


def _sms_message_agent(dossier: Dossier) -> str:
    return f"Permis : un agent vous a laissé un message. Lisez-le {dossier.ou_par_sms}"


def _validee(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre demande de permis de conduire est acceptée",
        f"Votre demande n° {la_demande(dossier).numero} est acceptée.",
        "Prochaine étape : la fabrication de votre titre. Il vous sera envoyé par la poste et remis en main propre "
        "contre signature ; nous vous écrirons quand il partira.",
        *suivre(dossier),
    )


def _refusee(dossier: Dossier) -> Courriel:
    demande = la_demande(dossier)
    motif = f"Motif : {libelle_refus(demande.decision.motif)}." if demande.decision else ""
    return courriel(
        "Une décision a été prise sur votre demande",
        f"Votre demande n° {demande.numero} est refusée.",
        motif,
        f"Les raisons de cette décision sont détaillées avec votre demande, {dossier.ou}.",
        voir(dossier),
        _TIMBRE,
        Titre("Si vous contestez cette décision"),
        _RECOURS,
    )


def _sms_refusee(dossier: Dossier) -> str:
    return f"Permis : une décision a été prise sur votre demande. Lisez-la {dossier.ou_par_sms}"


def _retiree(dossier: Dossier) -> Courriel | None:
    demande = la_demande(dossier)
    if demande.numero is None:
        # The person has just thrown away a draft of theirs: they know.
        return None
    return courriel(
        "Votre demande de permis de conduire est retirée",
        f"Votre demande n° {demande.numero} a été retirée comme vous l'avez demandé.",
        "La déclaration de perte faite dans la demande, elle, ne s'annule pas, même si vous retrouvez votre permis."
        if demande.motif is Motif.PERTE
        else "",
        _TIMBRE,
    )


def _classee_sans_suite(dossier: Dossier) -> Courriel:
    if la_demande(dossier).numero is None and la_demande(dossier).origine == "papier":
        return courriel(
            "La saisie d'un dossier papier est close",
            "La saisie que vous aviez commencée d'un dossier papier n'a pas été confirmée à temps : elle est close.",
            "La personne concernée attend toujours : saisissez à nouveau son dossier.",
            espace_des_agents(dossier),
        )
    if la_demande(dossier).numero:
        objet, fait = "Votre demande de permis de conduire est close", f"Votre demande n° {la_demande(dossier).numero}"
    else:
        objet, fait = "Votre demande de permis de conduire non terminée est close", "Votre demande, restée inachevée,"
    return courriel(
        objet,
        f"{fait} a été classée sans suite parce que le délai est passé.",
        _TIMBRE,
        f"Vous pouvez faire une nouvelle demande à tout moment {dossier.ou}.",
        _nouvelle_demande(dossier),
    )


def _sms_classee_sans_suite(dossier: Dossier) -> str | None:
    if la_demande(dossier).numero is None:
        return None
    return f"Permis : votre demande est close, le délai étant passé. Détails : {dossier.lien}"


def _timbre_conserve(dossier: Dossier) -> Courriel:
    return courriel(
        "Votre timbre fiscal est conservé",
        "Le paiement d'un timbre fiscal nous est parvenu alors que votre demande n'en avait plus besoin.",
        "Ce timbre n'est pas perdu : il n'a pas été utilisé et reste à vous jusqu'à sa date d'expiration. Son numéro "
        "figure sur la confirmation d'achat du site des timbres ; indiquez-le à l'étape du paiement d'une prochaine "
        "demande.",
    )


MAILS: Mapping[str, Callable[[Dossier], Courriel | None]] = {
    "BrouillonRappele": _brouillon_rappele,
    "DemandeDeposee": _deposee,
    "ControleTermine": _controle_termine,
    "PhotoAttendue": _photo_attendue,
    "PhotoRappelee": _photo_rappelee,
    "PhotoRecue": _photo_recue,
    "PhotoRefusee": _photo_refusee,
    "PhotoTardive": _photo_tardive,
    "DemandeSuspendue": _suspendue,
    "SuspensionCorrigee": _suspension_corrigee,
    "SuspensionLevee": _suspension_levee,
    "ComplementRappele": _complement_rappele,
    "DroitsBientotFinis": _droits_bientot_finis,
    "ComplementDepose": _complement_depose,
    "ContactRemplace": _contact_remplace,
    "MessageAgent": _message_agent,
    "DemandeValidee": _validee,
    "DemandeRefusee": _refusee,
    "DemandeRetiree": _retiree,
    "DemandeClasseeSansSuite": _classee_sans_suite,
    "TimbreConserve": _timbre_conserve,
}

SMS: Mapping[str, Callable[[Dossier], str | None]] = {
    "DemandeDeposee": _sms_deposee,
    "PhotoAttendue": _sms_photo_attendue,
    "PhotoRappelee": _sms_photo_rappelee,
    "PhotoRefusee": _sms_photo_refusee,
    "DemandeSuspendue": _sms_suspendue,
    "SuspensionCorrigee": _sms_suspension_corrigee,
    "SuspensionLevee": _sms_suspension_levee,
    "ComplementRappele": _sms_complement_rappele,
    "DroitsBientotFinis": _sms_droits_bientot_finis,
    "ContactRemplace": _sms_contact_remplace,
    "MessageAgent": _sms_message_agent,
    "DemandeRefusee": _sms_refusee,
    "DemandeClasseeSansSuite": _sms_classee_sans_suite,
}
