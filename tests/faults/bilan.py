"""What a life leaves, and how it differs from the same life left alone."""

from collections import Counter
from dataclasses import dataclass, fields
from typing import Any

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import plat
from chalicelib.demande.verification import chaine_intacte
from tests.dossiers import DEMANDE_ID, NUMERO_TIMBRE
from tests.faults.monde import Monde


@dataclass
class Bilan:
    """What is left of a life, instants apart; ``photos``: each image kept, whether the demande tells it."""

    statut: str
    journal: list[tuple[str, str, str, str]]
    chaine: bool
    timbre: dict[str, Any] | None
    paiement: str | None
    commandes: list[int]
    pieces: list[tuple[str, str]]
    avis: dict[tuple[str, str], str]
    mails: Counter[str]
    sms: Counter[str]
    marque: str | None
    execution: str
    lettres_mortes: list[str]
    ancre: bool
    suspensions: list[str]
    photos: list[bool]


def dresser(monde: Monde) -> Bilan:
    """The end of the life that ``monde`` has seen."""
    demandes = wiring.demandes()
    demande, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
    entrees = demandes.journal(DEMANDE_ID)
    timbre = demandes.timbre(NUMERO_TIMBRE)
    noms = {f"{DEMANDE_ID}#{e.rang}": f"{e.rang} {e.evenement}" for e in entrees}
    avis = {}
    for ligne in clients.client("dynamodb").scan(TableName="permis-notifications")["Items"]:
        lue = plat(ligne) or {}
        avis[(_nommer(lue["evenement_id"], noms), lue["canal"])] = lue["etat"]
    dernieres = [e for e in monde.automate.executions.values() if e.nom.endswith(f"-{demande.generation}")]
    cle = f"{DEMANDE_ID}/{demande.journal_rang:06d}-{demande.journal_empreinte}.json"
    gardees = clients.client("s3").list_objects_v2(Bucket="permis-pieces", Prefix=f"{DEMANDE_ID}/photo/")
    dite = f"/{demande.photo_image.nom}.jpg" if demande.photo_image else "aucune"
    ancres = clients.client("s3").list_objects_v2(Bucket="permis-ancres").get("Contents", [])
    return Bilan(
        statut=demande.statut,
        journal=[(e.evenement, e.statut, e.auteur_genre, e.auteur_id) for e in entrees],
        chaine=chaine_intacte(entrees, demande),
        timbre=timbre.model_dump(mode="json", exclude_none=True) if timbre else None,
        paiement=demande.paiement.etat if demande.paiement else None,
        commandes=sorted(rang if numero == demande.numero else -1 for numero, rang in monde.producteur.commandes),
        pieces=sorted((p.type, p.statut) for p in pieces if p.statut != "attendue"),
        avis=avis,
        mails=Counter(_nommer(evenement.replace("_", "#"), noms) for evenement in monde.injecteur.mails),
        sms=Counter(monde.injecteur.sms),
        marque=demande.veille,
        execution="en cours" if any(e.statut == "RUNNING" for e in dernieres) else "finie",
        lettres_mortes=monde.lettres_mortes,
        suspensions=sorted(close.issue for close in demandes.suspensions_closes(DEMANDE_ID)),
        photos=[objet["Key"].endswith(dite) for objet in gardees.get("Contents", [])],
        ancre=cle in [objet["Key"] for objet in ancres],
    )


def _nommer(evenement_id: str, noms: dict[str, str]) -> str:
    racine, _, suite = evenement_id.partition("#secours")
    return noms.get(racine, racine) + ("#secours" if suite or evenement_id.endswith("#secours") else "")


class Ecarts:
    """How ``bilan`` differs from ``temoin``: what is ``perdu``, what is ``double``, what else is not the same.

    ``admis`` is what DESIGN §10 says of the one crash point between a send and its mark, when ``qui`` failed there: one
    mail twice, or one SMS of which nobody knows whether it left.
    """

    def __init__(self, temoin: Bilan, bilan: Bilan, qui: str = "") -> None:
        self.perdu: list[str] = []
        self.double: list[str] = []
        self.autre: list[str] = []
        self.admis: list[str] = []
        for champ in fields(Bilan):
            avant, apres = getattr(temoin, champ.name), getattr(bilan, champ.name)
            if champ.name in ("mails", "sms"):
                self._compter(champ.name, avant, apres)
            elif champ.name == "avis":
                self._avis(avant, apres)
            elif avant != apres:
                self.autre.append(f"{champ.name} : {apres} au lieu de {avant}")
        if qui == "notifications.envoyer_mail":
            self._admettre_un_mail_double()
        if qui == "notifications.envoyer_sms":
            self._admettre_un_sms_incertain(bilan)

    def _admettre_un_mail_double(self) -> None:
        if len(self.double) == 1 and self.double[0].startswith("mails"):
            self.admis, self.double = self.double, []

    def _admettre_un_sms_incertain(self, bilan: Bilan) -> None:
        incertains = [f"avis {cle} : incertain" for cle, etat in bilan.avis.items() if etat == "incertain"]
        dits = [ecart for ecart in self.autre if ecart.startswith(tuple(incertains))]
        if len(incertains) == len(dits) == 1 and len(self.perdu) <= 1 and all(p.startswith("sms") for p in self.perdu):
            self.admis, self.perdu = [*dits, *self.perdu], []
            self.autre.remove(dits[0])

    def _compter(self, quoi: str, avant: Counter[str], apres: Counter[str]) -> None:
        self.perdu += [f"{quoi} : {nom}" for nom in (avant - apres).elements()]
        self.double += [f"{quoi} : {nom}" for nom in (apres - avant).elements()]

    def _avis(self, avant: dict[tuple[str, str], str], apres: dict[tuple[str, str], str]) -> None:
        for cle in sorted({*avant, *apres}):
            if cle not in apres:
                self.perdu.append(f"avis {cle}")
            elif cle not in avant:
                self.double.append(f"avis {cle}")
            elif avant[cle] != apres[cle]:
                self.autre.append(f"avis {cle} : {apres[cle]} au lieu de {avant[cle]}")

    @property
    def tous(self) -> list[str]:
        """All that is not as it should be."""
        return [*self.perdu, *self.double, *self.autre]
