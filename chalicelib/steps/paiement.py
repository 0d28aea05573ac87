"""Step 6, paiement par timbre fiscal dématérialisé (deck): bought at the shop, or a number already bought.

``POST`` opens a purchase: one write that notes its reference, then the shop's own call; the shop tells us the result
(``partenaires/paiement``). A result that was never heard is looked up when the usager comes back to the page, and
before another purchase is opened: nobody pays twice for a lost message. ``PUT`` holds a stamp whose number the usager
has. The ledger lets one demande hold a stamp.
"""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from chalicelib import wiring
from chalicelib.demande.achats import achat_en_cours, constater, fin_manquee
from chalicelib.demande.champs import Texte500, motif_de_texte
from chalicelib.demande.completude import manques_paiement, montant_du
from chalicelib.demande.erreurs import ConflitDeVersion, DejaPaye, ServiceIndisponible, TimbreIndisponible
from chalicelib.demande.instants import ecrire, jour_legal
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Paiement, Timbre
from chalicelib.demande.motifs import motifs_payants
from chalicelib.demande.ports import AchatEnCours, Demandes, Modification
from chalicelib.demande.ports_externes import Boutique
from chalicelib.demande.vue import DemandeVue, paiement_vue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, USAGER, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.saisie import Saisie
from chalicelib.settings import lire as lire_reglage
from chalicelib.usager import demande_visee, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("GetItem", "PutItem", "UpdateItem"),
    },
    variables=("URL_SITE", "URL_TIMBRES"),
    delai=15,
)


_BOUCLE = frozenset({"127.0.0.1", "::1", "localhost"})


def _origine(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of ``url``; None when it has no host. All the names of this machine are one."""
    morceaux = urlsplit(url)
    if morceaux.hostname in _BOUCLE:
        return morceaux.scheme, "localhost", None
    port = morceaux.port or {"https": 443, "http": 80}.get(morceaux.scheme)
    return (morceaux.scheme, morceaux.hostname, port) if morceaux.hostname else None


def _page_du_site(url: str) -> str:
    """The shop sends the browser there: nowhere else than to our own site, or it would lend its name to anybody."""
    try:
        origine = _origine(url)
    except ValueError:
        origine = None
    relative = url.startswith("/") and not url.startswith("//")
    du_site = origine is not None and origine == _origine(lire_reglage("URL_SITE"))
    if not (relative or du_site) or "\\" in url:
        raise ValueError("L'adresse de retour doit être une page de ce site.")
    return url


def _sans_espaces(numero: object) -> object:
    return "".join(numero.split()) if isinstance(numero, str) else numero


class Achat(Saisie):
    """Buy a stamp at the shop, which brings the usager back to ``url_retour``: a page of our site, whole or from /."""

    url_retour: Annotated[Texte500, AfterValidator(_page_du_site)]


class TimbreDetenu(Saisie):
    """A stamp already bought: its 16 digits, spaces allowed."""

    numero_timbre: Annotated[
        str,
        BeforeValidator(_sans_espaces),
        motif_de_texte(r"\d{16}", "Le numéro du timbre comporte 16 chiffres."),
    ] = Field(title="Numéro du timbre fiscal", description="16 chiffres, donnés à l'achat.")


class AchatOuvert(BaseModel):
    """A purchase under way: go to ``url_paiement`` to pay."""

    reference: str
    montant_centimes: int
    url_paiement: str


class PaiementVue(BaseModel):
    """The payment (API.md). ``recu`` is where to ask for the receipt, once paid (CRPA L112-11)."""

    etat: EtatPaiement
    montant_centimes: int
    reference: str | None = None
    numero_timbre: str | None = None
    recu: str | None = None


def reference_achat(demande_id: str, cle: str) -> str:
    """The reference of a purchase: it begins with its demande, so that a late notice still finds it.

    The same key gives the same reference: asking twice opens one purchase.
    """
    return demande_id + hashlib.sha256(f"{demande_id}:{cle}".encode()).hexdigest()[:12]


ESSAIS = 5
"""How often a purchase is noted: what stood in its way is settled in between."""


def acheter(
    demandes: Demandes,
    boutique: Boutique,
    demande_id: str,
    ecriture: Modification,
    cle: str,
    url_retour: str,
    correlation_id: str,
) -> AchatOuvert:
    """Note the purchase on the draft, then open it at the shop. Raises ``RienAPayer``, ``DejaPaye``.

    A purchase before it whose end is not known is looked up first: paid, its stamp is held, and nothing is to be paid.
    A stamp held that cannot pay is given back first: it serves elsewhere, and does not stand in the way.
    A shop that does not answer leaves the note: asking again goes on with the same reference.
    """
    jour = jour_legal(ecriture.maintenant)
    empreinte = hashlib.sha256(cle.encode()).hexdigest()[:32]
    # The amount depends on what is stored; the write gives it back, and the shop's receipt confirms it.
    paiement = Paiement(
        etat=EtatPaiement.EN_ATTENTE,
        montant_centimes=0,
        reference=reference_achat(demande_id, cle),
        cle=empreinte,
    )
    demande = _noter(demandes, boutique, demande_id, ecriture, paiement, correlation_id)
    tenu = demande.paiement
    assert tenu is not None and tenu.reference is not None
    montant = tenu.montant_centimes if tenu.numero_timbre else montant_du(demande, jour)
    return AchatOuvert(
        reference=tenu.reference,
        montant_centimes=montant,
        url_paiement=boutique.creer_achat(tenu.reference, montant, url_retour),
    )


def _noter(
    demandes: Demandes,
    boutique: Boutique,
    demande_id: str,
    ecriture: Modification,
    paiement: Paiement,
    correlation_id: str,
) -> Demande:
    payants, remplace = motifs_payants(jour_legal(ecriture.maintenant)), None
    for essai in range(ESSAIS):
        try:
            return demandes.ouvrir_achat(demande_id, ecriture, paiement, payants, remplace)
        except DejaPaye:
            if essai == ESSAIS - 1:
                raise
            ecriture = _rendre(demandes, demande_id, ecriture)
        except AchatEnCours as precedent:
            remplace = achat_en_cours(precedent.demande)
            ecriture = _denouer(demandes, boutique, precedent.demande, ecriture, correlation_id)
    raise ConflitDeVersion(demandes.lire(demande_id).version)


def _denouer(
    demandes: Demandes, boutique: Boutique, demande: Demande, ecriture: Modification, correlation_id: str
) -> Modification:
    """Write the end of the purchase that ``demande`` waits for, if it has one; the write, on what is there then."""
    reference, achat = achat_en_cours(demande), fin_manquee(demande, boutique)
    if reference is None or achat is None:
        return ecriture
    effet, lue = constater(demandes, reference, achat, ecriture.maintenant, correlation_id)
    if ecriture.si_version is None or lue.version != demande.version or effet not in ("reserve", "refuse"):
        return ecriture
    return replace(ecriture, si_version=lue.version + 1)


def _rendre(demandes: Demandes, demande_id: str, ecriture: Modification) -> Modification:
    """Free the stamp held when it cannot pay (too small for a changed demande, or expired); raises ``DejaPaye``."""
    demande = demandes.lire(demande_id)
    if not manques_paiement(demande, ecriture.maintenant, jour_legal(ecriture.maintenant)):
        raise DejaPaye()
    if ecriture.si_version is not None and ecriture.si_version != demande.version:
        raise ConflitDeVersion(demande.version)
    rendue = demandes.rendre_timbre(demande, ecriture.maintenant)
    return ecriture if ecriture.si_version is None else replace(ecriture, si_version=rendue.version)


def utiliser(demandes: Demandes, boutique: Boutique, demande_id: str, ecriture: Modification, numero: str) -> Demande:
    """Hold the stamp ``numero`` for the draft. Raises ``TimbreIndisponible``, ``RienAPayer``."""
    verifie = boutique.verifier(numero)
    if verifie.etat != "valide":
        raisons = {
            "inconnu": "Ce numéro de timbre n'est pas connu : vérifiez-le sur votre justificatif d'achat.",
            "expire": "Ce timbre n'est plus valable : il avait un an pour être utilisé.",
            "rembourse": "Ce timbre a été remboursé : il ne peut plus servir.",
        }
        raise TimbreIndisponible(raisons[verifie.etat])
    timbre = Timbre(
        numero=numero,
        etat=EtatTimbre.RESERVE,
        montant_centimes=verifie.montant_centimes,
        demande_id=demande_id,
        expire_le=verifie.expire_le,
    )
    paiement = Paiement(
        etat=EtatPaiement.RESERVE,
        montant_centimes=verifie.montant_centimes,
        numero_timbre=numero,
        paye_le=ecrire(ecriture.maintenant),
        expire_le=verifie.expire_le,
    )
    avec = replace(ecriture, poser={"paiement": paiement})
    return demandes.reserver_timbre(demande_id, avec, timbre, motifs_payants(jour_legal(ecriture.maintenant)))


def revoir(
    demandes: Demandes, boutique: Boutique, demande: Demande, maintenant: datetime, correlation_id: str
) -> Demande:
    """``demande`` with the end of the purchase that it waits for, when the shop knows it before we do.

    Raises ``ServiceIndisponible``, ``ConflitDeVersion``.
    """
    reference, achat = achat_en_cours(demande), fin_manquee(demande, boutique)
    if reference is None or achat is None:
        return demande
    constater(demandes, reference, achat, maintenant, correlation_id)
    return demandes.lire(demande.id)


@route(bp, "GET", "/demandes/{id}/paiement", qui=SAISIE, reponse=PaiementVue, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire l'état du paiement"""
    demande = lire_la_sienne(appel)
    try:
        demande = revoir(wiring.demandes(), wiring.boutique(), demande, wiring.horloge(), appel.correlation_id)
    except (ServiceIndisponible, ConflitDeVersion):
        # What is known is told; the shop's notice, or the next look, brings the rest.
        compter("paiements_non_revus")
    return Reponse(PaiementVue(**paiement_vue(demande, jour_legal(wiring.horloge()))))


@route(
    bp,
    "POST",
    "/demandes/{id}/paiement",
    qui=USAGER,
    saisie=Achat,
    reponse=AchatOuvert,
    statut=201,
    erreurs=(404, 409, 412, 503),
)
def ouvrir(appel: Appel[Achat]) -> Reponse:
    """Acheter un timbre en ligne"""
    cle = appel.cle_idempotence or wiring.nouvelle_cle()
    achat = acheter(
        wiring.demandes(),
        wiring.boutique(),
        demande_visee(appel),
        modification(appel),
        cle,
        appel.saisie.url_retour,
        appel.correlation_id,
    )
    return Reponse(achat, 201)


@route(
    bp,
    "PUT",
    "/demandes/{id}/paiement",
    qui=SAISIE,
    saisie=TimbreDetenu,
    reponse=DemandeVue,
    erreurs=(404, 409, 412, 503),
)
def enregistrer(appel: Appel[TimbreDetenu]) -> Reponse:
    """Utiliser un timbre déjà acheté"""
    # The shop is asked for the demande's own usager only.
    demande, ecriture = lire_la_sienne(appel), modification(appel)
    return repondre(utiliser(wiring.demandes(), wiring.boutique(), demande.id, ecriture, appel.saisie.numero_timbre))
