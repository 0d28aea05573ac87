"""The outside world in memory: e-photo base, stamp shop, SNPC and printer, with what a test wants them to be."""

from chalicelib.demande.erreurs import Conflit, Introuvable, ServiceIndisponible
from chalicelib.demande.index import forme_de_recherche
from chalicelib.demande.modeles import Piece
from chalicelib.demande.ports_antivirus import Analyse
from chalicelib.demande.ports_externes import (
    Achat,
    Commande,
    CommandeNonRecue,
    DossierSnpc,
    EtatPhotoExterne,
    EtatTimbreExterne,
    Identite,
    ReponseCommande,
    ResultatAchat,
    TimbreVerifie,
)

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
EXPIRE_LE = "2027-11-24T10:00:00.000Z"


class FakeAntiVirus:
    """The port ``AntiVirus``: it knows EICAR's file; ``dort`` leaves the scan under way, ``en_panne`` makes it fail,
    ``ferme`` gives it a file that it cannot open."""

    def __init__(self) -> None:
        self.en_panne = False
        self.dort = False
        self.ferme = False

    def analyser(self, piece: Piece, octets: bytes) -> Analyse:
        if self.en_panne:
            raise ServiceIndisponible()
        if self.dort:
            return "en_cours"
        if self.ferme:
            return "impenetrable"
        return "infectee" if EICAR in octets else "saine"


class FakePhotos:
    """The port ``Photos``: ``etats`` by code; ``en_panne`` makes every call fail; ``appels`` counts the calls heard."""

    def __init__(self) -> None:
        self.etats: dict[str, EtatPhotoExterne] = {}
        self.reservations: dict[str, str] = {}
        self.en_panne = False
        self.appels = 0

    def creer(self, etat: EtatPhotoExterne = "valide") -> str:
        """A new code in that state."""
        code = f"PHOTO{len(self.etats):017d}"
        if etat != "inconnu":
            self.etats[code] = etat
        return code

    def consulter(self, code: str, reference: str | None = None) -> EtatPhotoExterne:
        if self.en_panne:
            raise ServiceIndisponible()
        self.appels += 1
        etat = self.etats.get(code, "inconnu")
        prise = self.reservations.get(code, reference) != reference
        return "deja_utilise" if prise and etat in ("valide", "en_activation") else etat

    def reserver(self, code: str, reference: str) -> EtatPhotoExterne:
        etat = self.consulter(code, reference)
        if etat in ("valide", "en_activation"):
            self.reservations[code] = reference
        return etat

    def liberer(self, code: str, reference: str) -> None:
        self.consulter(code)
        if self.reservations.get(code) == reference:
            del self.reservations[code]


class FakeBoutique:
    """The port ``Boutique``: purchases and stamps; ``en_panne`` makes calls fail; ``appels`` counts those heard."""

    def __init__(self) -> None:
        self.achats: dict[str, Achat] = {}
        self.timbres: dict[str, TimbreVerifie] = {}
        self.retours: dict[str, str] = {}
        self.en_panne = False
        self.appels = 0

    def creer_timbre(self, montant_centimes: int = 2500, etat: EtatTimbreExterne = "valide") -> str:
        """A stamp bought elsewhere."""
        numero = f"{len(self.timbres) + 1:016d}"
        self.timbres[numero] = TimbreVerifie(etat, montant_centimes, EXPIRE_LE)
        return numero

    def finir(self, reference: str, resultat: ResultatAchat) -> Achat:
        """The end of a purchase, on the shop's side."""
        montant = self.achats[reference].montant_centimes
        numero = self.creer_timbre(montant) if resultat == "accepte" else None
        self.achats[reference] = Achat(resultat, montant, numero, EXPIRE_LE if numero else None)
        return self.achats[reference]

    def creer_achat(self, reference: str, montant_centimes: int, url_retour: str) -> str:
        self._entendre()
        if not url_retour.startswith(("http://", "https://", "/")) or url_retour.startswith("//"):
            raise Conflit("La boutique n'accepte pas cette adresse de retour.")
        connu = self.achats.setdefault(reference, Achat("en_attente", montant_centimes))
        self.retours.setdefault(reference, url_retour)
        if connu.montant_centimes != montant_centimes:
            raise Conflit("Cette référence est celle d'un autre achat.")
        return f"https://boutique.invalid/{reference}"

    def consulter_achat(self, reference: str) -> Achat:
        self._entendre()
        if reference not in self.achats:
            raise Introuvable("Cet achat n'existe pas à la boutique.")
        return self.achats[reference]

    def verifier(self, numero: str) -> TimbreVerifie:
        self._entendre()
        return self.timbres.get(numero, TimbreVerifie("inconnu", 0, None))

    def _entendre(self) -> None:
        if self.en_panne:
            raise ServiceIndisponible()
        self.appels += 1


class FakeSnpc:
    """The port ``Snpc``: ``conducteurs`` by number; ``en_panne`` makes calls fail; ``appels`` counts those heard."""

    def __init__(self, *conducteurs: DossierSnpc) -> None:
        self.conducteurs = {conducteur.numero_dossier: conducteur for conducteur in conducteurs}
        self.en_panne = False
        self.appels = 0

    def consulter(self, numero_dossier: str | None = None, identite: Identite | None = None) -> DossierSnpc | None:
        if numero_dossier is None and identite is None:
            raise ValueError("un numéro de dossier ou une identité est nécessaire")
        if self.en_panne:
            raise ServiceIndisponible()
        self.appels += 1
        if numero_dossier in self.conducteurs:
            return self.conducteurs[numero_dossier]
        trouves = [un for un in self.conducteurs.values() if identite is not None and _est(un, identite)]
        return trouves[0] if len(trouves) == 1 else None


def _est(conducteur: DossierSnpc, identite: Identite) -> bool:
    def forme(texte: str) -> str:
        return forme_de_recherche(texte).replace(" ", "")

    noms = [nom for nom in (conducteur.nom, conducteur.nom_epouse, conducteur.nom_usage) if nom]
    connue = [partie for partie in reversed(conducteur.date_naissance.split("/")) if partie != "00"]
    premiers = {forme_de_recherche(" ".join(p)).partition(" ")[0] for p in (conducteur.prenoms, identite.prenoms)}
    return (
        forme(identite.nom) in map(forme, noms)
        and all(un == autre for un, autre in zip(connue, identite.date_naissance.split("-"), strict=False))
        and len(premiers) == 1
    )


class FakeProducteur:
    """The port ``Producteur``: the orders taken, once each, answered ``reponse``.

    ``en_panne`` refuses before any effect; ``muet`` takes the order, and its answer is lost.
    """

    def __init__(self, reponse: ReponseCommande = "acceptee") -> None:
        self.commandes: dict[tuple[str, int], Commande] = {}
        self.reponse: ReponseCommande = reponse
        self.en_panne = self.muet = False
        self.appels = 0

    def commander(self, commande: Commande) -> ReponseCommande:
        if self.en_panne:
            raise CommandeNonRecue()
        self.appels += 1
        self.commandes.setdefault((commande.numero, commande.rang), commande)
        if self.muet:
            raise ServiceIndisponible()
        return self.reponse
