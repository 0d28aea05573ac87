"""The outside world in memory: the e-photo base and the stamp shop, with what a test wants them to be."""

from chalicelib.demande.erreurs import Conflit, Introuvable, ServiceIndisponible
from chalicelib.demande.ports_externes import (
    Achat,
    EtatPhotoExterne,
    EtatTimbreExterne,
    ResultatAchat,
    TimbreVerifie,
)

EXPIRE_LE = "2027-11-24T10:00:00.000Z"


class FakePhotos:
    """The port ``Photos``: ``etats`` by code; ``en_panne`` makes every call fail; ``appels`` counts the calls heard."""

    def __init__(self) -> None:
        self.etats: dict[str, EtatPhotoExterne] = {}
        self.en_panne = False
        self.appels = 0

    def creer(self, etat: EtatPhotoExterne = "valide") -> str:
        """A new code in that state."""
        code = f"PHOTO{len(self.etats):017d}"
        if etat != "inconnu":
            self.etats[code] = etat
        return code

    def consulter(self, code: str) -> EtatPhotoExterne:
        if self.en_panne:
            raise ServiceIndisponible()
        self.appels += 1
        return self.etats.get(code, "inconnu")


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
