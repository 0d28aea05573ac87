"""The simulated shop: a purchase ends once, and what it has to tell is kept until it is heard."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chalicelib.demande.erreurs import Conflit, Introuvable
from infra.local.simulateurs import boutique as pages
from infra.local.simulateurs.courriers import Notificateur, signer
from infra.local.simulateurs.socle import ouvrir
from infra.local.simulateurs.timbres import BoutiqueSimulee, DemandeAchat, FinAchat, NouveauTimbre, ramene_au_site

CLE = "cle-de-test-des-partenaires-0123456789"
URL = "http://127.0.0.1:8080/api/partenaires/paiement"
ACHAT = DemandeAchat(
    reference="r-1", montant_centimes=2500, url_retour="http://127.0.0.1:8080/retour", identifiant_commercant="c-1"
)


class Montre:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.heure = 1_800_000_000.0

    def __call__(self) -> float:
        return self.heure


@pytest.fixture
def montre() -> Montre:
    return Montre()


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connexion = ouvrir(tmp_path)
    yield connexion
    connexion.close()


@pytest.fixture
def boutique(base: sqlite3.Connection, montre: Montre) -> BoutiqueSimulee:
    etat = BoutiqueSimulee(base, montre)
    etat.creer_achat(ACHAT)
    return etat


def envoyer(etat: BoutiqueSimulee, montre: Montre, repondre: Callable[[httpx.Request], httpx.Response]) -> None:
    """Send what is due, to a server that answers as ``repondre`` says."""

    async def une_fois() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(repondre)) as client:
            await Notificateur(etat, client, URL, CLE, montre).envoyer_les_dues()

    asyncio.run(une_fois())


class Serveur:
    """Our API: keeps what it was told, answers the given statuses then 200."""

    def __init__(self, *statuts: int) -> None:
        self.recues: list[httpx.Request] = []
        self._statuts = list(statuts)

    def __call__(self, requete: httpx.Request) -> httpx.Response:
        self.recues.append(requete)
        return httpx.Response(self._statuts.pop(0) if self._statuts else 200)


def test_the_end_of_a_purchase_is_told_once_signed_and_without_any_identity(
    boutique: BoutiqueSimulee, montre: Montre
) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte"))
    serveur = Serveur()
    envoyer(boutique, montre, serveur)
    envoyer(boutique, montre, serveur)
    (recue,) = serveur.recues
    assert str(recue.url) == URL
    assert json.loads(recue.content) == {"reference": "r-1", "resultat": "accepte"}
    attendu = hmac.new(CLE.encode(), f"{int(montre.heure)}.".encode() + recue.content, hashlib.sha256).hexdigest()
    assert recue.headers["x-permis-signature"] == f"t={int(montre.heure)},v1={attendu}"


def test_the_signature_covers_the_hour_and_every_byte() -> None:
    signee = signer(CLE, b"{}", 10)
    assert signee.startswith("t=10,v1=") and len(signee) == len("t=10,v1=") + 64
    autres = [signer(CLE, b"{ }", 10), signer("autre", b"{}", 10)]
    assert signee not in autres and signer(CLE, b"{}", 11).partition("v1=")[2] != signee.partition("v1=")[2]


def test_what_is_not_heard_is_sent_again_later_and_later_with_a_fresh_signature(
    boutique: BoutiqueSimulee, montre: Montre
) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="refuse"))
    serveur = Serveur(500, 503, 404)
    attentes = []
    for _ in range(4):
        envoyer(boutique, montre, serveur)
        attentes.append(boutique.delai_avant_la_prochaine())
        assert boutique.notifications_dues() == []
        montre.heure += attentes[-1]
    assert attentes[:3] == [1, 2, 4] and boutique.non_recues("r-1") == 0
    signatures = {recue.headers["x-permis-signature"] for recue in serveur.recues}
    assert len(serveur.recues) == len(signatures) == 4


def test_a_server_that_cannot_be_reached_is_tried_again_up_to_once_a_minute_for_a_day(
    boutique: BoutiqueSimulee, montre: Montre
) -> None:
    def absent(requete: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("absent")

    boutique.finir_achat("r-1", FinAchat(resultat="refuse"))
    for _ in range(9):
        envoyer(boutique, montre, absent)
        montre.heure += boutique.delai_avant_la_prochaine()
    envoyer(boutique, montre, absent)
    assert boutique.delai_avant_la_prochaine() == 60
    montre.heure += 86400
    envoyer(boutique, montre, absent)
    assert boutique.non_recues("r-1") == 0 and boutique.notifications_dues() == []


def test_a_late_notification_waits_for_its_hour_though_the_purchase_has_ended(
    boutique: BoutiqueSimulee, montre: Montre
) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte", delai_s=30))
    assert boutique.achat("r-1")["resultat"] == "accepte"
    assert boutique.notifications_dues() == [] and boutique.delai_avant_la_prochaine() == 30
    montre.heure += 30
    assert len(boutique.notifications_dues()) == 1


def test_a_doubled_notification_is_sent_as_often_as_asked(boutique: BoutiqueSimulee, montre: Montre) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte", repetitions=3))
    serveur = Serveur()
    envoyer(boutique, montre, serveur)
    assert len(serveur.recues) == 3 and len({recue.content for recue in serveur.recues}) == 1


def test_a_notification_being_sent_is_not_sent_by_another_task_meanwhile(
    boutique: BoutiqueSimulee, montre: Montre
) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte"))
    recues = []

    async def deux_a_la_fois() -> None:
        async def lente(requete: httpx.Request) -> httpx.Response:
            recues.append(requete)
            await asyncio.sleep(0)
            return httpx.Response(200)

        async with httpx.AsyncClient(transport=httpx.MockTransport(lente)) as client:
            notificateur = Notificateur(boutique, client, URL, CLE, montre)
            await asyncio.gather(notificateur.envoyer_les_dues(), notificateur.envoyer_les_dues())

    asyncio.run(deux_a_la_fois())
    assert len(recues) == 1


def test_notifications_stamps_and_purchases_survive_a_sudden_end(
    tmp_path: Path, boutique: BoutiqueSimulee, montre: Montre
) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte"))
    numero = boutique.achat("r-1")["numero_timbre"]
    # Another connection, as a new process has: the first one was never closed.
    autre = ouvrir(tmp_path)
    reprise = BoutiqueSimulee(autre, montre)
    serveur = Serveur()
    envoyer(reprise, montre, serveur)
    assert len(serveur.recues) == 1
    assert reprise.achat("r-1")["numero_timbre"] == numero and reprise.verifier(numero)["etat"] == "valide"
    autre.close()


def test_a_purchase_ends_once(boutique: BoutiqueSimulee) -> None:
    boutique.finir_achat("r-1", FinAchat(resultat="accepte"))
    numero = boutique.achat("r-1")["numero_timbre"]
    boutique.finir_achat("r-1", FinAchat(resultat="accepte"))
    assert boutique.achat("r-1")["numero_timbre"] == numero and boutique.non_recues("r-1") == 2
    with pytest.raises(Conflit):
        boutique.finir_achat("r-1", FinAchat(resultat="abandon"))
    assert boutique.achat("r-1")["resultat"] == "accepte" and boutique.non_recues("r-1") == 2


def test_the_end_of_an_unknown_purchase_leaves_nothing_behind(boutique: BoutiqueSimulee) -> None:
    with pytest.raises(Introuvable):
        boutique.finir_achat("r-2", FinAchat(resultat="accepte"))
    boutique.finir_achat("r-1", FinAchat(resultat="refuse"))
    assert boutique.non_recues("r-2") == 0 and boutique.non_recues("r-1") == 1


def test_a_stamp_is_valid_for_a_year_to_the_second(boutique: BoutiqueSimulee, montre: Montre) -> None:
    numero = boutique.creer_timbre(NouveauTimbre(montant_centimes=2500))
    assert len(numero) == 16 and numero.isdecimal()
    montre.heure += 365 * 86400 - 1
    assert boutique.verifier(numero)["etat"] == "valide"
    montre.heure += 1
    assert boutique.verifier(numero)["etat"] == "expire"


class TestPage:
    def test_it_shows_the_merchant_the_reference_and_the_price_and_says_it_is_a_simulation(
        self, boutique: BoutiqueSimulee
    ) -> None:
        html = bytes(pages.page(boutique.achat("r-1"), "/actifs").body).decode()
        for attendu in ("<dd>c-1</dd>", "<dd>r-1</dd>", "<dd>25,00\u00a0€</dd>", "n'entrez jamais une vraie carte"):
            assert attendu in html
        for bouton in ("VALIDER", "Simuler un refus de la banque", "ANNULATION - RETOUR A LA BOUTIQUE"):
            assert f">{bouton}</button>" in html

    def test_every_field_has_its_label_and_its_hint(self, boutique: BoutiqueSimulee) -> None:
        html = bytes(pages.page(boutique.achat("r-1"), "/actifs", carte_refusee=True).body).decode()
        for champ in ("carte", "expiration", "cryptogramme"):
            assert (
                f'<label class="fr-label" for="{champ}">' in html
                and f'id="{champ}"' in html
                and f'id="aide-{champ}"' in html
            )
        assert 'aria-describedby="erreur-carte aide-carte"' in html and 'role="alert"' in html
        assert '<html lang="fr"' in html and "<title>Erreur : " in html

    def test_nothing_of_a_purchase_is_taken_for_html(self, base: sqlite3.Connection, montre: Montre) -> None:
        etat = BoutiqueSimulee(base, montre)
        piege = '"><script>alert(1)</script>'
        etat.creer_achat(
            DemandeAchat(
                reference="r-9",
                montant_centimes=1,
                url_retour="/x?" + piege.replace(" ", ""),
                identifiant_commercant=piege,
            )
        )
        etat.finir_achat("r-9", FinAchat(resultat="abandon"))
        assert "<script>" not in bytes(pages.page(etat.achat("r-9"), "/actifs").body).decode()

    @pytest.mark.parametrize(
        ("url", "permise"),
        [
            ("/demande/paiement/#1", True),
            ("http://127.0.0.1:8080/demande/paiement/", True),
            ("https://127.0.0.1:8080/", False),
            ("http://127.0.0.1:8081/", False),
            ("http://127.0.0.1:8080.exemple.fr/", False),
            ("http://127.0.0.1:8080@exemple.fr/", False),
        ],
    )
    def test_a_browser_is_sent_back_to_our_site_only(self, url: str, permise: bool) -> None:
        assert ramene_au_site(url, "http://127.0.0.1:8080") is permise

    @pytest.mark.parametrize(
        ("saisie", "acceptee"),
        [("1111 2222 3333 4444", True), ("1111222233334444", True), ("4970 1000 0000 0014", False), ("", False)],
    )
    def test_only_the_fictitious_card_is_taken(self, saisie: str, acceptee: bool) -> None:
        assert pages.carte_fictive(saisie) is acceptee
