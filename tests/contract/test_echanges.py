"""Messages and notes under a demande: the same promises from the fake and from DynamoDB (moto)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

import pytest

from chalicelib import wiring
from chalicelib.demande.echanges import (
    ESSAIS,
    LISTE,
    MESSAGES_MAX,
    TropDeMessages,
    cle_d_envoi,
    envoyer,
    page_sans_reponse,
)
from chalicelib.demande.erreurs import ConflitDeVersion, TransitionInterdite
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_echanges import Echanges, Ecrit, Fil
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import passer
from tests.agents import en_cours
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, USAGER, brouillon, changement
from tests.fakes.demandes import FakeDemandes
from tests.fakes.echanges import FakeEchanges

PIERRE = Auteur("usager", USAGER)
AGNES = Auteur("agent", "agent-de-nancy")
NOTES, MESSAGES = Fil.NOTES, Fil.MESSAGES


class Magasin(NamedTuple):
    demandes: Demandes
    echanges: Echanges


@pytest.fixture(params=["factice", "dynamodb"])
def magasin(request: pytest.FixtureRequest) -> Iterator[Magasin]:
    if request.param == "factice":
        demandes = FakeDemandes()
        yield Magasin(demandes, FakeEchanges(demandes))
        return
    with aws_simule():
        yield Magasin(wiring.demandes(), wiring.echanges())


def ecrit(rang: int = 0, texte: str | None = None, auteur: Auteur = PIERRE) -> Ecrit:
    return Ecrit(
        ecrit_id=f"{rang:032x}",
        ecrit_le=ecrire(MAINTENANT + timedelta(seconds=rang)),
        auteur_genre=auteur.genre,
        auteur_id=auteur.id,
        texte=texte or f"texte {rang}",
    )


def envoie(
    magasin: Magasin,
    rang: int = 0,
    auteur: Auteur = PIERRE,
    cle: str | None = None,
    si_version: int | None = None,
    lire: list[Demande] | None = None,
) -> tuple[Demande, Ecrit]:
    """Send the message ``rang``; ``lire``: what the successive readings give, before the store itself."""
    lues = lire or []

    def lecture() -> Demande:
        return lues.pop(0) if lues else magasin.demandes.lire(DEMANDE_ID)

    return envoyer(
        magasin.demandes,
        magasin.echanges,
        lecture,
        lambda demande: ecrit(rang, auteur=auteur),
        auteur,
        MAINTENANT + timedelta(seconds=rang),
        "corr-0001",
        JOUR_S,
        str,
        cle=cle,
        si_version=si_version,
    )


def attente(rang: int) -> str:
    return ecrire(MAINTENANT + timedelta(minutes=rang))


def entrer(magasin: Magasin, id_: str, autorite: str, attend: int | None) -> None:
    """A demande enters its control; its usager waits for an answer since minute ``attend``."""
    demande = en_cours(Statut.DEPOSEE, id=id_, numero=str(int(id_, 16) % 10**22 + 10**22), autorite=None)
    magasin.demandes.creer(demande)
    poser = {**cles_de_recherche(demande), "autorite": autorite}
    if attend is not None:
        poser["attend_reponse_depuis"] = attente(attend)
    magasin.demandes.transiter(demande, changement(vers=Statut.EN_CONTROLE, poser=poser))


def textes(magasin: Magasin, fil: Fil = MESSAGES) -> list[str]:
    return [lu.texte for lu in magasin.echanges.lister(DEMANDE_ID, fil, None, 100)[0]]


def evenements(magasin: Magasin) -> list[tuple[str, str, str]]:
    return [(e.evenement, e.auteur_genre, e.statut) for e in magasin.demandes.journal(DEMANDE_ID)]


def test_un_message_et_son_entree_au_journal_s_ecrivent_ensemble_sans_changer_le_statut(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    apres, _ = envoie(magasin)
    assert textes(magasin) == ["texte 0"]
    assert evenements(magasin) == [("MessageUsager", "usager", "en_instruction")]
    lue = magasin.demandes.lire(DEMANDE_ID)
    assert (lue.statut, lue.version, lue.messages) == ("en_instruction", apres.version, 1)


def test_l_attente_d_une_reponse_dure_du_premier_message_sans_reponse_a_la_reponse(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    attentes = []
    for rang, auteur in enumerate((PIERRE, PIERRE, AGNES, AGNES, PIERRE)):
        envoie(magasin, rang, auteur)
        attentes.append(magasin.demandes.lire(DEMANDE_ID).attend_reponse_depuis)
    debut, suite = ecrire(MAINTENANT), ecrire(MAINTENANT + timedelta(seconds=4))
    assert attentes == [debut, debut, None, None, suite]
    assert magasin.demandes.lire(DEMANDE_ID).messages == 5


def test_la_reponse_d_un_agent_est_un_evenement_d_agent(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    envoie(magasin, auteur=AGNES)
    assert evenements(magasin) == [("MessageAgent", "agent", "en_instruction")]


def test_la_meme_cle_n_ecrit_qu_une_fois_quoi_que_soit_devenue_la_demande(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    premiere = envoie(magasin, 0, cle="cle-1")[1]
    assert envoie(magasin, 1, cle="cle-1")[1] == premiere
    assert envoie(magasin, 2, cle="cle-1", si_version=1)[1] == premiere
    finie = magasin.demandes.lire(DEMANDE_ID).model_copy(update={"statut": Statut.RETIREE})
    assert envoie(magasin, 3, cle="cle-1", lire=[finie])[1] == premiere
    assert textes(magasin) == ["texte 0"]
    assert magasin.demandes.lire(DEMANDE_ID).messages == 1


def test_la_cle_d_un_autre_ou_d_une_autre_conversation_n_est_pas_la_meme(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    envoie(magasin, 0, PIERRE, cle="cle-1")
    envoie(magasin, 1, AGNES, cle="cle-1")
    assert textes(magasin) == ["texte 0", "texte 1"]
    note = magasin.echanges.noter(DEMANDE_ID, ecrit(2, auteur=AGNES), cle_d_envoi(NOTES, AGNES, "cle-1"))
    assert note.texte == "texte 2"


def test_une_ecriture_concurrente_est_relue_et_le_message_passe(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    perimee = magasin.demandes.lire(DEMANDE_ID)
    envoie(magasin, 0, AGNES)
    envoie(magasin, 1, cle="cle-1", lire=[perimee])
    assert textes(magasin) == ["texte 0", "texte 1"]
    assert magasin.demandes.lire(DEMANDE_ID).messages == 2


def test_un_bail_pris_entre_temps_ne_perime_pas_la_version_que_tient_l_appelant(magasin: Magasin) -> None:
    tenue = en_cours(agent="agent-de-nancy", bail_jusqua="2999-01-01T00:00:00.000Z")
    magasin.demandes.creer(tenue)
    avant_le_bail = tenue.model_copy(update={"agent": None, "bail_jusqua": None})
    envoie(magasin, si_version=1, lire=[avant_le_bail])
    assert textes(magasin) == ["texte 0"]


def test_une_version_perimee_ou_une_course_sans_fin_sont_refusees(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    perimee = magasin.demandes.lire(DEMANDE_ID)
    envoie(magasin, 0)
    with pytest.raises(ConflitDeVersion) as refus:
        envoie(magasin, 1, si_version=1)
    assert refus.value.champs == {"version": 2}
    with pytest.raises(ConflitDeVersion):
        envoie(magasin, 1, lire=[perimee] * ESSAIS)
    assert textes(magasin) == ["texte 0"]


@pytest.mark.parametrize("statut", sorted(FINALS))
def test_une_demande_finie_ne_recoit_plus_de_message(magasin: Magasin, statut: Statut) -> None:
    magasin.demandes.creer(en_cours(statut))
    for auteur in (PIERRE, AGNES):
        with pytest.raises(TransitionInterdite) as refus:
            envoie(magasin, auteur=auteur)
        assert refus.value.champs == {"statut": statut}
    assert (textes(magasin), evenements(magasin)) == ([], [])


@pytest.mark.parametrize("statut", sorted(set(Statut) - FINALS - {Statut.BROUILLON}))
def test_du_depot_a_la_fin_l_usager_peut_ecrire(magasin: Magasin, statut: Statut) -> None:
    magasin.demandes.creer(en_cours(statut))
    envoie(magasin)
    assert evenements(magasin) == [("MessageUsager", "usager", statut)]


def test_un_brouillon_ou_une_conversation_sans_fin_n_en_prennent_pas(magasin: Magasin) -> None:
    magasin.demandes.creer(brouillon())
    with pytest.raises(TransitionInterdite):
        envoie(magasin)
    with pytest.raises(TropDeMessages):
        envoie(magasin, lire=[en_cours(messages=MESSAGES_MAX)])


def test_une_conversation_se_lit_page_a_page_dans_l_ordre_sans_page_vide(magasin: Magasin) -> None:
    for rang in (3, 0, 4, 1, 2):
        magasin.echanges.noter(DEMANDE_ID, ecrit(rang), None)
    magasin.echanges.noter("b" * 32, ecrit(9), None)
    lus, suite, pages = [], None, 0
    while pages == 0 or suite:
        page, suite = magasin.echanges.lister(DEMANDE_ID, NOTES, suite, 2)
        lus += [lu.texte for lu in page]
        pages += 1
    assert lus == [f"texte {rang}" for rang in range(5)] and pages == 3
    assert magasin.echanges.lister(DEMANDE_ID, NOTES, None, 5)[1] is None
    with pytest.raises(ValueError):
        magasin.echanges.lister(DEMANDE_ID, NOTES, "ailleurs", 2)


def test_messages_et_notes_ne_se_melangent_pas_et_ne_se_lisent_pas_avec_les_pieces(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    envoie(magasin, 0, cle="cle-1")
    magasin.echanges.noter(DEMANDE_ID, ecrit(1, auteur=AGNES), cle_d_envoi(NOTES, AGNES, "cle-2"))
    assert (textes(magasin, MESSAGES), textes(magasin, NOTES)) == (["texte 0"], ["texte 1"])
    assert magasin.demandes.lire_avec_pieces(DEMANDE_ID)[1] == []


def test_les_demandes_sans_reponse_se_lisent_par_autorite_depuis_un_instant_la_plus_ancienne_d_abord(
    magasin: Magasin,
) -> None:
    for rang, autorite in enumerate(("543", "543", "751", "543")):
        entrer(magasin, f"{rang}" * 32, autorite, attend=None if rang == 3 else 10 - rang)
    lues, suite = magasin.echanges.sans_reponse("543", "0", 10)
    assert ([une.id[0] for une in lues], suite) == (["1", "0"], False)
    assert (lues[0].statut, lues[0].depuis, lues[0].fiche.nom) == ("en_controle", attente(9), "CORNEILLE")
    assert [une.id[0] for une in magasin.echanges.sans_reponse("543", attente(10), 10)[0]] == ["0"]
    assert magasin.echanges.sans_reponse("543", "0", 1)[1] is True


def test_les_pages_des_demandes_sans_reponse_se_suivent_par_dela_les_autorites(magasin: Magasin) -> None:
    for rang in range(2 * LISTE + 3):
        # Some came at the same instant.
        entrer(magasin, f"{rang:032x}", ("543", "751")[rang % 2], attend=rang // 3)
    vues: list[str] = []
    apres, pages = None, 0
    while pages == 0 or apres is not None:
        page, apres = page_sans_reponse(magasin.echanges, ("543", "751", "543"), apres)
        assert page
        vues += [une.id for une in page]
        pages += 1
    assert vues == [f"{rang:032x}" for rang in range(2 * LISTE + 3)] and pages == 3
    assert page_sans_reponse(magasin.echanges, (), None) == ([], None)


@pytest.mark.parametrize("vers", [Statut.RETIREE, Statut.EN_INSTRUCTION])
def test_une_demande_finie_n_attend_plus_de_reponse(magasin: Magasin, vers: Statut) -> None:
    entrer(magasin, DEMANDE_ID, "543", attend=1)
    demande = magasin.demandes.lire(DEMANDE_ID).model_copy(update={"paiement": None})
    passee = passer(demande, "Evenement", PIERRE, MAINTENANT, "corr", jour_s=JOUR_S, vers=vers)
    magasin.demandes.transiter(demande, passee)
    assert bool(magasin.echanges.sans_reponse("543", "0", 10)[0]) is (vers is Statut.EN_INSTRUCTION)


def test_une_note_s_ecrit_une_fois_par_cle_et_ne_touche_pas_la_demande(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    cle = cle_d_envoi(NOTES, AGNES, "cle-1")
    premiere = magasin.echanges.noter(DEMANDE_ID, ecrit(0, auteur=AGNES), cle)
    assert magasin.echanges.noter(DEMANDE_ID, ecrit(1, auteur=AGNES), cle) == premiere
    assert magasin.echanges.noter(DEMANDE_ID, ecrit(0, auteur=AGNES), None) == premiere
    assert textes(magasin, NOTES) == ["texte 0"]
    assert (magasin.demandes.lire(DEMANDE_ID).version, evenements(magasin)) == (1, [])


def test_la_meme_cle_envoyee_par_vingt_voies_a_la_fois_n_ecrit_qu_une_fois(magasin: Magasin) -> None:
    magasin.demandes.creer(en_cours())
    cle = cle_d_envoi(NOTES, AGNES, "cle-1")

    def envoi(rang: int) -> str:
        try:
            return envoie(magasin, rang, cle="cle-1")[1].ecrit_id
        except ConflitDeVersion:
            return "refus"

    with ThreadPoolExecutor(8) as voies:
        messages = set(voies.map(envoi, range(20))) - {"refus"}
        notes = set(voies.map(lambda rang: magasin.echanges.noter(DEMANDE_ID, ecrit(rang), cle).ecrit_id, range(20)))
    assert len(messages) == len(notes) == 1
    assert len(textes(magasin, MESSAGES)) == len(textes(magasin, NOTES)) == 1
    assert len(evenements(magasin)) == magasin.demandes.lire(DEMANDE_ID).messages == 1
