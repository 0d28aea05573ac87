"""One demande from its citizen to its end, over HTTP: the people around it, and what was told and sent of it."""

import random
from collections import Counter
from typing import Any

from demo.client import attendre
from demo.guichet import Guichet
from tests.e2e.outils import ADRESSE, compte_neuf, demande_remplie, prix

DEPOT = ["DemandeDeposee", "ControleCommence", "ControleTermine"]
PRODUCTION = ["CommandeAcceptee", "TitreProduit", "TitreExpedie", "TitreDistribue"]


class Vie:
    """One demande of a citizen of its own, the agents of its préfecture, and what was sent to it."""

    def __init__(self, url: str, motif: str = "perte", photo_signature: dict[str, Any] | None = None) -> None:
        self.client, self.citoyen = compte_neuf(url)
        self.agent = Guichet(url).entrer("agent.543")
        self.chef = Guichet(url).entrer("chef.543")
        self.ctn = Guichet(url).entrer("ctn.543")
        hasard = f"{random.randrange(10**8):08}"
        self.email, self.telephone = f"vie{hasard}@exemple.fr", f"06{hasard}"
        du = prix(url, motif)
        self.timbre = self.client.timbre(du) if du else None
        self.code = None
        if photo_signature is None:
            self.code = self.client.code_photo()
            photo_signature = {"mode": "numerique", "code": self.code}
        demande = demande_remplie(self.client, motif, sauf=("adresse", "photo-signature", "paiement"))
        self.id: str = demande["id"]
        contact = {"email": self.email, "telephone": self.telephone}
        self.client.enregistrer(self.id, "adresse", {**ADRESSE, **contact})
        self.client.enregistrer(self.id, "photo-signature", photo_signature)
        if self.timbre:
            self.client.donner_timbre(self.id, self.timbre)
        self.numero = ""

    def confirmer(self) -> "Vie":
        self.numero = self.client.confirmer(self.id)["numero"]
        return self

    @property
    def statut(self) -> str:
        return self.client.demande(self.id)["statut"]

    def jusqu_a(self, statut: str) -> "Vie":
        attendre(lambda: self.statut, lambda lu: lu == statut, f"statut {statut}")
        return self

    def histoire(self) -> list[str]:
        lu = self.client.appeler("GET", f"/api/demandes/{self.id}/historique")
        return [element["code_evenement"] for element in lu["elements"]]

    def raconte(self, *evenements: str, ailleurs: str = "") -> None:
        """Wait for exactly these events, then check that agents read the same, and that its chain is intact.

        ``ailleurs`` is an event of another clock, which may come once, anywhere among them.
        """

        def propres(histoire: list[str]) -> list[str]:
            return [evenement for evenement in histoire if evenement != ailleurs]

        attendre(self.histoire, lambda lue: len(propres(lue)) >= len(evenements), f"{len(evenements)} événements")
        histoire = self.histoire()
        assert propres(histoire) == list(evenements)
        assert len(histoire) <= len(evenements) + 1
        assert [element["code_evenement"] for element in self.agent.historique(self.id)] == histoire
        verification = self.agent.verification(self.id)
        assert (verification["intacte"], verification["entrees"]) == (True, len(histoire)), verification

    def objets(self) -> Counter[str]:
        """How often each mail was received, by subject."""
        return Counter(envoi["objet"] for envoi in self.client.envois(self.email))

    def recus(self, *objets: str) -> None:
        """Wait for these mails, each once, and see no other."""
        attendus = Counter(objets)
        attendre(self.objets, lambda lus: len(lus) >= len(attendus), f"courriels {sorted(attendus)}")
        assert self.objets() == attendus

    def recoit(self, objet: str) -> None:
        """Wait for this mail."""
        attendre(self.objets, lambda lus: lus[objet] > 0, f"courriel « {objet} »")

    def sms(self) -> list[str]:
        return [envoi["texte"] for envoi in self.client.envois(self.telephone)]

    def piece(self, type_: str) -> str:
        (trouvee,) = [
            p for p in self.agent.dossier(self.id)["pieces"] if p["type"] == type_ and p["statut"] == "valide"
        ]
        return str(trouvee["piece_id"])

    def valider(self) -> None:
        """The agent validates; the order has reached the printer."""
        assert self.agent.agir(self.id, "validation", {})["statut"] == "validee"
        attendre(lambda: self.agent.commandes(self.numero), bool, "la commande du titre")

    def titre(self, *evenements: str) -> None:
        for evenement in evenements:
            self.agent.jouer_titre(self.numero, evenement)

    def timbre_resert(self) -> bool:
        """Whether the stamp may pay another demande of the same citizen."""
        autre = self.client.creer_demande("vol")["id"]
        return self.client.brut("PUT", f"/api/demandes/{autre}/paiement", {"numero_timbre": self.timbre}).is_success
