"""The watch over drafts and what removes their files, on DynamoDB and S3 (moto): what they write, whatever comes in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.demandes_dynamodb import LOT_DE_VEILLE
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, ImagePhoto, Motif, Paiement, Statut, Timbre
from chalicelib.demande.ports import Modification
from chalicelib.demande.verification import chaine_intacte
from chalicelib.veille import purge
from chalicelib.veille.brouillons import tache, veiller
from chalicelib.veille.passage import VeilleIncomplete
from tests.appel import ContexteLambda
from tests.compteur import AppelAws, compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import piece
from tests.fakes.exterieur import FakeBoutique

MAINTENANT = datetime(2026, 11, 24, 10, tzinfo=UTC)
JOUR = 86400.0
TIMBRE = "1234567890123456"
TRANSACTION = AppelAws("dynamodb", "TransactWriteItems")
LECTURE = AppelAws("dynamodb", "GetItem")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with aws_simule() as client:
        yield client


def il_y_a(jours: float) -> datetime:
    return MAINTENANT - timedelta(days=jours)


def deposer_brouillon(touche: float, rappele: float | None = None, id_: str = "d1", **champs: Any) -> Demande:
    """A draft last touched ``touche`` days ago, reminded ``rappele`` days ago, whose turn to be looked at has come."""
    demande = Demande(
        id=id_,
        usager="c1",
        motif=Motif.PERTE,
        cree_le=ecrire(il_y_a(30)),
        modifie_le=ecrire(il_y_a(touche)),
        rappele_le=ecrire(il_y_a(rappele)) if rappele is not None else None,
        veille="brouillon",
        **{"veille_le": ecrire(il_y_a(0.01)), **champs},
    )
    wiring.demandes().creer(demande)
    return demande


def passer(maintenant: datetime = MAINTENANT, boutique: FakeBoutique | None = None) -> dict[str, int]:
    return dict(veiller(wiring.demandes(), boutique or FakeBoutique(), maintenant, JOUR, lambda: "corr-veille"))


class Long(ContexteLambda):
    """A run that has the time to ask the shop."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def abimer(dynamodb: Any, id_: str) -> None:
    """A draft that nothing can read any more."""
    dynamodb.update_item(
        TableName="permis-demandes",
        Key={"id": {"S": id_}, "element": {"S": "DEMANDE"}},
        UpdateExpression="SET motif = :inconnu",
        ExpressionAttributeValues={":inconnu": {"S": "motif-d-une-autre-epoque"}},
    )


def toucher(id_: str = "d1") -> None:
    """What a step of the wizard does: it does not know the watch."""
    wiring.demandes().modifier(
        id_,
        Modification("c1", MAINTENANT, limite=il_y_a(15), limite_rappel=il_y_a(5), poser={"motif": Motif.VOL}),
    )


def evenements(id_: str = "d1") -> list[str]:
    return [entree.evenement for entree in wiring.demandes().journal(id_)]


def test_un_brouillon_de_dix_jours_est_rappele_une_fois(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)

    assert passer() == {"rappeles": 1}
    assert passer() == {}

    demande = wiring.demandes().lire("d1")
    assert demande.statut is Statut.BROUILLON
    assert demande.rappele_le == ecrire(MAINTENANT)
    assert demande.modifie_le == ecrire(il_y_a(10)), "a reminder is no touch"
    assert demande.veille_le == ecrire(MAINTENANT + timedelta(days=5))
    assert evenements() == ["BrouillonRappele"]
    assert chaine_intacte(wiring.demandes().journal("d1"), demande)


def test_un_brouillon_de_quinze_jours_rappele_est_clos_et_reste_a_purger(dynamodb: Any) -> None:
    deposer_brouillon(touche=15, rappele=5)

    assert passer() == {"classes": 1}
    assert passer() == {}

    demande = wiring.demandes().lire("d1")
    suite = ("purge", ecrire(MAINTENANT))
    assert (demande.statut, demande.veille, demande.veille_le) == (Statut.CLASSEE_SANS_SUITE, *suite)
    assert evenements() == ["DemandeClasseeSansSuite"]


def test_la_cloture_libere_le_timbre(dynamodb: Any) -> None:
    demande = deposer_brouillon(touche=10)
    timbre = Timbre(numero=TIMBRE, etat=EtatTimbre.RESERVE, montant_centimes=2500, demande_id="d1")
    paiement = Paiement(etat=EtatPaiement.RESERVE, montant_centimes=2500, numero_timbre=TIMBRE)
    assert wiring.demandes().encaisser(demande, paiement, timbre, il_y_a(10))

    passer()
    assert passer(MAINTENANT + timedelta(days=5)) == {"classes": 1}

    libere = wiring.demandes().timbre(TIMBRE)
    assert libere is not None
    assert (libere.etat, libere.demande_id) == (EtatTimbre.LIBRE, None)
    paye = wiring.demandes().lire("d1").paiement
    assert paye is not None
    assert paye.etat is EtatPaiement.LIBERE


def acheter(boutique: FakeBoutique, touche: float, id_: str = "d1", **champs: Any) -> str:
    """A draft whose purchase is open at the shop."""
    reference = id_.ljust(32, "0") + "d" * 12
    achat = Paiement(etat=EtatPaiement.EN_ATTENTE, montant_centimes=0, reference=reference, cle="cle")
    deposer_brouillon(touche, id_=reference[:32], paiement=achat, **champs)
    boutique.creer_achat(reference, 2500, "/")
    return reference


@pytest.mark.parametrize("age", [{"touche": 10}, {"touche": 15, "rappele": 5}], ids=["à rappeler", "à clore"])
def test_un_achat_paye_dont_l_avis_s_est_perdu_est_pris_et_le_brouillon_continue(dynamodb: Any, age: Any) -> None:
    boutique = FakeBoutique()
    reference = acheter(boutique, **age)
    numero = boutique.finir(reference, "accepte").numero_timbre

    assert passer(boutique=boutique) == {"payes": 1}
    assert passer(boutique=boutique) == {"replanifies": 1}

    demande = wiring.demandes().lire(reference[:32])
    assert (demande.statut, demande.modifie_le) == (Statut.BROUILLON, ecrire(MAINTENANT)), "as if it had been heard"
    assert demande.paiement is not None
    assert (demande.paiement.etat, demande.paiement.numero_timbre) == (EtatPaiement.RESERVE, numero)
    assert boutique.appels == 2, "opened, then looked at once"


@pytest.mark.parametrize("fin", [None, "refuse", "abandon", "inconnu"])
def test_un_achat_qui_n_est_pas_paye_n_empeche_ni_le_rappel_ni_la_cloture(dynamodb: Any, fin: Any) -> None:
    boutique = FakeBoutique()
    reference = acheter(boutique, touche=15, rappele=5)
    acheter(boutique, touche=10, id_="d2")
    if fin == "inconnu":
        boutique.achats.clear()
    elif fin is not None:
        boutique.finir(reference, fin)
    assert passer(boutique=boutique) == {"classes": 1, "rappeles": 1}


def test_une_boutique_muette_n_est_demandee_qu_une_fois_et_ne_retient_que_ce_qui_depend_d_elle(dynamodb: Any) -> None:
    class Muette(FakeBoutique):
        questions = 0

        def consulter_achat(self, reference: str) -> Any:
            self.questions += 1
            raise ServiceIndisponible()

    boutique = Muette()
    for rang in range(3):
        acheter(boutique, touche=15, rappele=5, id_=f"d{rang}")
    deposer_brouillon(touche=10, id_="d9")
    assert passer(boutique=boutique) == {"remis": 3, "rappeles": 1}
    assert boutique.questions == 1


def test_un_brouillon_touche_est_replanifie_sans_evenement(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)
    toucher()

    assert passer() == {"replanifies": 1}
    assert passer() == {}
    assert wiring.demandes().lire("d1").veille_le == ecrire(MAINTENANT + timedelta(days=10))
    assert evenements() == []


def test_un_brouillon_touche_pendant_le_passage_n_est_ni_rappele_ni_clos(dynamodb: Any) -> None:
    """The person saves a step between our read and our write."""
    deposer_brouillon(touche=10)

    class LuPuisTouche:
        """The store, where a step is saved right after each read."""

        def __getattr__(self, nom: str) -> Any:
            return getattr(wiring.demandes(), nom)

        def lire(self, demande_id: str) -> Demande:
            lue = wiring.demandes().lire(demande_id)
            toucher(demande_id)
            return lue

    assert veiller(LuPuisTouche(), FakeBoutique(), MAINTENANT, JOUR, lambda: "corr-veille") == {"conflits": 1}
    assert evenements() == []
    assert passer() == {"replanifies": 1}


def test_un_brouillon_illisible_ne_retient_pas_les_autres(dynamodb: Any) -> None:
    deposer_brouillon(touche=10, id_="d1")
    deposer_brouillon(touche=10, id_="d2")
    abimer(dynamodb, "d1")

    assert passer() == {"erreurs": 1, "rappeles": 1}
    assert evenements("d2") == ["BrouillonRappele"]
    with pytest.raises(VeilleIncomplete):
        tache({}, Long())


def test_un_passage_s_arrete_avant_la_fin_de_son_temps(dynamodb: Any) -> None:
    for rang in range(3):
        deposer_brouillon(touche=10, id_=f"d{rang}")
    reste = iter((True, True, False))

    comptes = veiller(wiring.demandes(), FakeBoutique(), MAINTENANT, JOUR, lambda: "corr-veille", lambda: next(reste))

    assert comptes == {"rappeles": 2}
    assert passer() == {"rappeles": 1}


def test_un_passage_va_de_page_en_page_jusqu_au_bout(dynamodb: Any) -> None:
    for rang in range(LOT_DE_VEILLE + 1):
        deposer_brouillon(touche=1, id_=f"d{rang}")

    assert passer() == {"replanifies": LOT_DE_VEILLE + 1}
    assert passer() == {}


def test_une_page_entiere_de_brouillons_en_echec_ne_retient_pas_ceux_de_derriere(dynamodb: Any) -> None:
    for rang in range(LOT_DE_VEILLE):
        deposer_brouillon(touche=11, id_=f"d{rang:03}", veille_le=ecrire(il_y_a(1)))
        abimer(dynamodb, f"d{rang:03}")
    deposer_brouillon(touche=10, id_="derriere")

    assert passer() == {"erreurs": LOT_DE_VEILLE, "rappeles": 1}
    assert evenements("derriere") == ["BrouillonRappele"]


def test_un_rappel_coute_une_lecture_et_une_transaction(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)
    wiring.demandes()

    with compter_appels() as appels:
        passer()

    assert appels == [AppelAws("dynamodb", "Query"), LECTURE, TRANSACTION]


def garder(id_: str = "d1", nombre: int = 2) -> None:
    """Files that controls of the draft's pièces kept, the first of them cut before its verdict."""
    for rang in range(nombre):
        une = piece("domicile", rang + 1).model_copy(update={"demande_id": id_})
        wiring.demandes().ajouter_piece(une)
        wiring.fichiers().ranger(une, b"original", [b"page"])
    wiring.fichiers().ranger(une.model_copy(update={"empreinte": "f" * 64}), b"coupe", [b"page"])


def gardes(id_: str = "d1") -> int:
    return int(client("s3").list_objects_v2(Bucket="permis-pieces", Prefix=f"{id_}/")["KeyCount"])


def purger(maintenant: datetime = MAINTENANT + purge.APRES) -> dict[str, int]:
    return dict(purge.purger(wiring.demandes(), wiring.fichiers(), maintenant))


def test_ce_qu_un_brouillon_clos_gardait_est_efface_une_heure_apres(dynamodb: Any) -> None:
    deposer_brouillon(touche=15, rappele=5)
    deposer_brouillon(touche=1, id_="vivant")
    garder()
    garder("vivant")
    passer()

    assert purger(MAINTENANT + purge.APRES - timedelta(seconds=1)) == {}
    assert (gardes(), len(wiring.demandes().lire_avec_pieces("d1")[1])) == (6, 2)
    assert purger() == {"purgees": 1}
    assert purger() == {}

    assert (gardes(), gardes("vivant")) == (0, 6)
    demande, pieces = wiring.demandes().lire_avec_pieces("d1")
    assert (demande.veille, demande.veille_le, pieces) == (None, None, [])
    assert len(wiring.demandes().lire_avec_pieces("vivant")[1]) == 2


def test_l_image_de_la_photo_d_un_brouillon_clos_part_avec_le_reste(dynamodb: Any) -> None:
    image = ImagePhoto(recue_le=ecrire(MAINTENANT), nom="2-aa", conseils=["photo_floue"])
    deposer_brouillon(touche=15, rappele=5, photo_image=image)
    wiring.fichiers().ranger_photo("d1", "2-aa", b"jpeg")
    passer()
    assert (gardes(), purger(), gardes()) == (1, {"purgees": 1}, 0)
    assert wiring.demandes().lire("d1").photo_image is None


def test_une_purge_coupee_entre_les_fichiers_et_les_pieces_se_refait(dynamodb: Any) -> None:
    deposer_brouillon(touche=15, rappele=5)
    garder()
    passer()
    wiring.fichiers().vider("d1")

    assert purger() == {"purgees": 1}
    assert wiring.demandes().lire_avec_pieces("d1")[1] == []


def test_ce_qui_ne_s_efface_pas_ne_retient_pas_le_reste_et_revient_au_passage_suivant(dynamodb: Any) -> None:
    for id_ in ("d1", "d2"):
        deposer_brouillon(touche=15, rappele=5, id_=id_)
        garder(id_)
    passer()

    class EnPanne:
        """The files, where those of d1 cannot be removed."""

        def vider(self, demande_id: str) -> None:
            if demande_id == "d1":
                raise OSError
            wiring.fichiers().vider(demande_id)

    fichiers: Any = EnPanne()
    assert purge.purger(wiring.demandes(), fichiers, MAINTENANT + purge.APRES) == {"erreurs": 1, "purgees": 1}
    assert (gardes("d1"), gardes("d2")) == (6, 0)
    assert purger() == {"purgees": 1}


def test_la_tache_de_purge_rend_ses_comptes(dynamodb: Any) -> None:
    assert purge.tache({}, ContexteLambda()) == {}
