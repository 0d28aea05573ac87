"""Any life of demandes and stamps, step by step: whatever is done in whatever order, no stamp is held for nothing.

``Timbres`` is a Hypothesis state machine over the port ``Demandes``: the same runs on the fake and on the real store.
"""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chalicelib.demande.erreurs import ErreurMetier
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Motif, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import passer
from chalicelib.demandes.retirer import retirer
from chalicelib.partenaires.paiement import encaisser
from chalicelib.steps.confirmation import confirmer
from chalicelib.steps.paiement import acheter, utiliser
from tests.dossiers import ADRESSE, JOUR_S, MAINTENANT, ecriture, pieces_de, prete
from tests.fakes.exterieur import FakeBoutique, FakePhotos

IDS = ("a" * 32, "b" * 32)
TENUS = {EtatPaiement.RESERVE: EtatTimbre.RESERVE, EtatPaiement.CONSOMME: EtatTimbre.CONSOMME}
LESQUELLES = st.sampled_from(IDS)


class Timbres(RuleBasedStateMachine):
    """Two demandes of one usager, a shop, and all that may happen to them."""

    def magasin(self) -> Demandes:
        raise NotImplementedError

    @initialize()
    def commencer(self) -> None:
        self.demandes, self.boutique, self.photos = self.magasin(), FakeBoutique(), FakePhotos()
        self.achats: list[str] = []
        self.annonces: set[str] = set()
        self.numeros = 0
        for id_ in IDS:
            self.demandes.creer(prete(id=id_, paiement=None))

    @rule(id_=LESQUELLES, cle=st.sampled_from("xyz"))
    def acheter(self, id_: str, cle: str) -> None:
        with suppress(ErreurMetier):
            achat = acheter(self.demandes, self.boutique, id_, ecriture(), cle, "/", "correlation")
            if achat.reference not in self.achats:
                self.achats.append(achat.reference)

    @rule(rang=st.integers(0, 5), resultat=st.sampled_from(["accepte", "accepte", "refuse"]))
    def finir(self, rang: int, resultat: Any) -> None:
        if (
            self.achats
            and self.boutique.achats[reference := self.achats[rang % len(self.achats)]].resultat != "accepte"
        ):
            self.boutique.finir(reference, resultat)

    @rule(rang=st.integers(0, 5))
    def prevenir(self, rang: int) -> None:
        if self.achats:
            reference = self.achats[rang % len(self.achats)]
            encaisser(self.demandes, self.boutique, reference, MAINTENANT, "correlation")
            if numero := self.boutique.achats[reference].numero_timbre:
                self.annonces.add(numero)

    @rule(id_=LESQUELLES, rang=st.integers(0, 5), neuf=st.booleans(), montant=st.sampled_from([1250, 2500]))
    def saisir_un_timbre(self, id_: str, rang: int, neuf: bool, montant: int) -> None:
        connus = list(self.boutique.timbres)
        numero = self.boutique.creer_timbre(montant) if neuf or not connus else connus[rang % len(connus)]
        with suppress(ErreurMetier):
            utiliser(self.demandes, self.boutique, id_, ecriture(), numero)

    @rule(id_=LESQUELLES, motif=st.sampled_from([Motif.VOL, Motif.PERTE, Motif.EXPIRATION]))
    def changer_de_motif(self, id_: str, motif: Motif) -> None:
        with suppress(ErreurMetier):
            self.demandes.changer_motif(id_, ecriture(poser={"motif": motif}))

    @rule(id_=LESQUELLES, prefecture=st.sampled_from(["543", "9731"]))
    def demenager(self, id_: str, prefecture: str) -> None:
        with suppress(ErreurMetier):
            self.demandes.modifier(id_, ecriture(poser={"adresse": {**ADRESSE, "prefecture": prefecture}}))

    @rule(id_=LESQUELLES)
    def confirmer(self, id_: str) -> None:
        def lire() -> tuple[Demande, Any]:
            demande = self.demandes.lire(id_)
            return demande, pieces_de(demande)

        self.numeros += 1
        numero = f"{self.numeros:023d}"
        with suppress(ErreurMetier):
            confirmer(self.demandes, self.photos, lire, None, lambda: numero, None, MAINTENANT, JOUR_S, "correlation")

    @rule(id_=LESQUELLES)
    def retirer(self, id_: str) -> None:
        with suppress(ErreurMetier):
            retirer(self.demandes, lambda: self.demandes.lire(id_), None, MAINTENANT, "correlation", JOUR_S)

    @rule(
        id_=LESQUELLES,
        fin=st.sampled_from(
            [("DemandeClasseeSansSuite", Statut.CLASSEE_SANS_SUITE), ("DemandeRefusee", Statut.REFUSEE)]
        ),
    )
    def finir_sans_titre(self, id_: str, fin: tuple[str, Statut]) -> None:
        demande, (evenement, vers) = self.demandes.lire(id_), fin
        auteur = Auteur("systeme", "essai")
        with suppress(ErreurMetier):
            self.demandes.transiter(
                demande, passer(demande, evenement, auteur, MAINTENANT, "correlation", jour_s=JOUR_S, vers=vers)
            )

    @rule(id_=LESQUELLES)
    def instruire(self, id_: str) -> None:
        demande, auteur = self.demandes.lire(id_), Auteur("systeme", "essai")
        with suppress(ErreurMetier):
            self.demandes.transiter(
                demande,
                passer(
                    demande,
                    "ControleTermine",
                    auteur,
                    MAINTENANT,
                    "correlation",
                    jour_s=JOUR_S,
                    precedents=(("ControleCommence", Statut.EN_CONTROLE),),
                    vers=Statut.EN_INSTRUCTION,
                ),
            )

    @invariant()
    def un_timbre_tenu_l_est_par_une_demande_vivante_qui_le_dit(self) -> None:
        if not hasattr(self, "demandes"):
            return
        par_id = {id_: self.demandes.lire(id_) for id_ in IDS}
        for numero in self.boutique.timbres:
            ligne = self.demandes.timbre(numero)
            if ligne is None:
                continue
            if ligne.etat is EtatTimbre.LIBRE:
                assert ligne.demande_id is None
                continue
            demande = par_id[str(ligne.demande_id)]
            assert demande.statut not in FINALS, "a demande that ended without a card holds no stamp"
            assert demande.paiement is not None
            assert (demande.paiement.numero_timbre, TENUS[demande.paiement.etat]) == (numero, ligne.etat)
        for demande in par_id.values():
            if demande.paiement is not None and demande.paiement.etat in TENUS:
                ligne = self.demandes.timbre(str(demande.paiement.numero_timbre))
                assert ligne is not None
                assert (ligne.demande_id, ligne.etat) == (demande.id, TENUS[demande.paiement.etat])

    @invariant()
    def un_timbre_paye_et_annonce_est_au_registre(self) -> None:
        for numero in getattr(self, "annonces", ()):
            assert self.demandes.timbre(numero) is not None
