"""The one local origin, as CloudFront is in production: the two sites, the API, the file depot, and /dev (local only).

``python -m infra.local.facade`` serves it on the loopback until SIGTERM. It reads PERMIS_PORT, PERMIS_EMULATEUR (base
URL of the emulator, the very one that its functions know: links are signed over it), PERMIS_PILE_SORTIES (the file of
the stack's outputs), PERMIS_API_ID (else the ApiId of these outputs), PERMIS_ETAT (folder of the simulators' state)
and CLE_PARTENAIRE (what the simulated partners sign with). PERMIS_SIMULATEURS=manuel: the printer and the post wait to
be told; else each event of a card comes PERMIS_SIMULATEURS_DELAI seconds after the one before.
"""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chalicelib.demande.erreurs import ErreurMetier
from chalicelib.demande.notifications import numero_international
from infra.hebergement.entetes import A_REVOIR, duree_de_garde, entetes_du_site
from infra.local import page_dev
from infra.local.emulateur import suivre_le_lanceur
from infra.local.relais import DELAIS, Relais
from infra.local.simulateurs.antivirus import AntiVirusSimule
from infra.local.simulateurs.courriers import Courriers, File, Notificateur
from infra.local.simulateurs.photos import BasePhotos
from infra.local.simulateurs.producteur import DELAI_S, ProducteurSimule
from infra.local.simulateurs.snpc import SnpcSimule
from infra.local.simulateurs.socle import Pannes, corps, instant, ouvrir, probleme, traduire
from infra.local.simulateurs.timbres import BoutiqueSimulee
from infra.local.simulateurs.timbres import routes as routes_timbres

SITE = Path(__file__).parents[2] / "build" / "site"
ARRET_S = 3
HOTES = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)
ENTETES_SITE = entetes_du_site(rapports="/dev/csp")


@dataclass(frozen=True)
class Reglages:
    """Where the front door listens, and what stands behind it."""

    port: int
    emulateur: str
    api_id: str
    buckets: tuple[str, ...]
    etat: Path
    cle_partenaire: str
    site: Path = SITE
    simulateurs_manuels: bool = False
    delai_s: float = DELAI_S

    @property
    def origine(self) -> str:
        """The address that browsers and our functions use."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def prise_antivirus(self) -> Path:
        """Where the simulated scanner listens (``infra/local/runtime.py`` tells it to the functions)."""
        return self.etat / "antivirus.sock"


def reglages_de_l_environnement(env: Mapping[str, str]) -> Reglages:
    """The settings in ``env``; raises ``ValueError`` with one clear sentence."""
    for nom in ("PERMIS_EMULATEUR", "PERMIS_PILE_SORTIES", "PERMIS_ETAT", "CLE_PARTENAIRE"):
        if not env.get(nom):
            raise ValueError(f"La variable {nom} est nécessaire (make run la donne).")
    sorties: dict[str, str] = json.loads(Path(env["PERMIS_PILE_SORTIES"]).read_text())
    return Reglages(
        port=int(env.get("PERMIS_PORT", "8080")),
        emulateur=env["PERMIS_EMULATEUR"],
        api_id=env.get("PERMIS_API_ID") or sorties["ApiId"],
        buckets=tuple(valeur for nom, valeur in sorties.items() if nom.startswith("Bucket")),
        etat=Path(env["PERMIS_ETAT"]),
        cle_partenaire=env["CLE_PARTENAIRE"],
        simulateurs_manuels=env.get("PERMIS_SIMULATEURS") == "manuel",
        delai_s=float(env.get("PERMIS_SIMULATEURS_DELAI") or DELAI_S),
    )


def creer_application(reglages: Reglages) -> Starlette:
    """The front door as an ASGI application, its simulators inside."""
    base = ouvrir(reglages.etat)
    client = httpx.AsyncClient(
        timeout=DELAIS, trust_env=False, limits=httpx.Limits(max_connections=200, max_keepalive_connections=50)
    )
    pannes = Pannes(base)
    boutique = BoutiqueSimulee(base, time.time)
    productions, arrivees = (Courriers(base, canal, time.time) for canal in ("production", "photo"))

    async def garder() -> None:
        """The emulator saves each second; AWS keeps what it has answered, and a partner relies on that."""
        (await client.get(f"{reglages.emulateur}/_permis/sauvegarde", timeout=30)).raise_for_status()

    def notificateur(file: File, canal: str) -> Notificateur:
        url = f"{reglages.origine}/api/partenaires/{canal}"
        return Notificateur(file, client, url, reglages.cle_partenaire, time.time, garder)

    caissier, imprimeur, photographe = (
        notificateur(boutique, "paiement"),
        notificateur(productions, "production"),
        notificateur(arrivees, "photo"),
    )
    producteur = ProducteurSimule(
        base, productions, time.time, manuel=reglages.simulateurs_manuels, delai_s=reglages.delai_s
    )
    envois = BoiteEnvois(client, reglages.emulateur)
    relais = Relais(client, reglages.emulateur, reglages.api_id, reglages.buckets)

    async def sante(_: Request) -> Response:
        try:
            emulateur = await client.get(f"{reglages.emulateur}/_ministack/health", timeout=2)
        except httpx.HTTPError:
            emulateur = httpx.Response(503)
        pret = emulateur.status_code == 200
        return JSONResponse({"etat": "pret" if pret else "emulateur injoignable"}, 200 if pret else 503)

    @asynccontextmanager
    async def vie(_: Starlette) -> AsyncIterator[None]:
        veilles = [asyncio.create_task(une.veiller()) for une in (caissier, imprimeur, photographe)]
        veilles.append(asyncio.create_task(AntiVirusSimule(reglages.prise_antivirus, pannes).servir()))
        yield
        for veille in veilles:
            veille.cancel()
            with suppress(asyncio.CancelledError):
                await veille
        await client.aclose()
        base.close()

    return Starlette(
        routes=[
            *relais.routes(),
            Route("/dev/sante", sante),
            Route("/dev/envois", envois.lister),
            *page_dev.routes(_actifs, dict(ENTETES_SITE), manuels=reglages.simulateurs_manuels),
            *RapportsCsp().routes(),
            *pannes.routes(),
            *BasePhotos(base, time.time).routes(pannes, arrivees, photographe),
            *SnpcSimule(base).routes(pannes),
            *producteur.routes(pannes, imprimeur),
            *routes_timbres(boutique, caissier, pannes, reglages.origine, _actifs),
            Mount(
                "/", _EntetesDuSite(GZipMiddleware(StaticFiles(directory=reglages.site, html=True), minimum_size=500))
            ),
        ],
        middleware=[Middleware(_HotesLocaux)],
        exception_handlers={ErreurMetier: traduire, HTTPException: _erreur_http, Exception: _panne},
        lifespan=vie,
    )


class BoiteEnvois:
    """GET /dev/envois: every mail and SMS that left, as the emulator kept them."""

    def __init__(self, client: httpx.AsyncClient, emulateur: str) -> None:
        self._client, self._emulateur = client, emulateur

    async def lister(self, requete: Request) -> Response:
        """Oldest first; ``destinataire`` keeps those sent to one address or number, however it is written."""
        try:
            mails, sms = await asyncio.gather(
                self._client.get(f"{self._emulateur}/_ministack/ses/messages"),
                self._client.get(f"{self._emulateur}/_ministack/sns/sms-messages"),
            )
        except httpx.HTTPError:
            return probleme(
                503, "Émulateur injoignable", "Les envois ne peuvent pas être lus.", entetes={"Retry-After": "5"}
            )
        envois = [*_mails(mails.json()), *_sms(sms.json())]
        cherche = requete.query_params.get("destinataire")
        if cherche:
            envois = [envoi for envoi in envois if _meme_destinataire(envoi["destinataire"], cherche)]
        envois.sort(key=lambda envoi: envoi["envoye_le"])
        rendus = [{**envoi, "envoye_le": instant(envoi["envoye_le"])} for envoi in envois]
        return JSONResponse(rendus, headers={"Cache-Control": "no-store"})


class RapportsCsp:
    """/dev/csp: what browsers say that the content policy prevented, for a test to read that it was nothing."""

    def __init__(self) -> None:
        self._recus: deque[Any] = deque(maxlen=100)

    def routes(self) -> list[Route]:
        """POST by browsers, GET the last ones, DELETE to begin again."""

        async def recevoir(requete: Request) -> Response:
            try:
                self._recus.append(json.loads(await corps(requete)))
            except ValueError:
                return probleme(400, "Rapport illisible", "Un rapport est un document JSON.")
            return Response(status_code=204)

        async def lister(_: Request) -> Response:
            return JSONResponse(list(self._recus), headers={"Cache-Control": "no-store"})

        async def oublier(_: Request) -> Response:
            self._recus.clear()
            return Response(status_code=204)

        return [
            Route("/dev/csp", recevoir, methods=["POST"]),
            Route("/dev/csp", lister, methods=["GET"]),
            Route("/dev/csp", oublier, methods=["DELETE"]),
        ]


def _mails(recu: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "canal": "mail",
            "destinataire": adresse,
            "objet": mail["Subject"],
            "texte": mail["BodyText"],
            **({"html": mail["BodyHtml"]} if mail["BodyHtml"] else {}),
            "envoye_le": mail["Timestamp"],
        }
        for mails in recu["messages"].values()
        for mail in mails
        for adresse in (*mail["To"], *mail["CC"], *mail["BCC"])
    ]


def _sms(recu: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "canal": "sms",
            "destinataire": numero,
            "objet": sms["Subject"] or "",
            "texte": sms["Message"],
            # Set by infra/local/corrections.py: the emulator does not date its SMS.
            "envoye_le": sms["Timestamp"],
        }
        for numero, textos in recu["sms_messages"].items()
        for sms in textos
    ]


def _meme_destinataire(envoye: str, cherche: str) -> bool:
    if "@" in envoye:
        return envoye.casefold() == cherche.strip().casefold()
    return _numero(envoye) == _numero(cherche)


def _numero(ecrit: str) -> str:
    """The digits of a number in its international form: 06…, +33 6… (whose + may have become a space) are one."""
    chiffres = re.sub(r"[^0-9]", "", ecrit)
    return numero_international(chiffres).removeprefix("+")


class _HotesLocaux:
    """Refuse other names than the loopback's: a web page elsewhere must not reach us by a name of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hotes = [valeur.decode("latin-1") for nom, valeur in scope.get("headers", ()) if nom == b"host"]
        if scope["type"] == "http" and not all(HOTES.fullmatch(hote) for hote in hotes):
            refus = probleme(421, "Adresse inattendue", "Ce service local ne répond qu'à 127.0.0.1 et localhost.")
            await refus(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _EntetesDuSite:
    """The headers that CloudFront adds to the sites in production."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/api/", "/depot/", "/dev/")) and scope["method"] in ("GET", "HEAD"):
            # No page is there, and a program asks: the site's own 404 page is for people.
            raise HTTPException(404)

        async def envoyer(message: Message) -> None:
            if message["type"] == "http.response.start":
                la = message["status"] in (200, 206, 304)
                entetes = {**ENTETES_SITE, "Cache-Control": duree_de_garde(scope["path"]) if la else A_REVOIR}
                ajoutes = [(nom.lower().encode(), valeur.encode()) for nom, valeur in entetes.items()]
                message["headers"] = [*message["headers"], *ajoutes]
            await send(message)

        await self._app(scope, receive, envoyer)


async def _erreur_http(requete: Request, erreur: Exception) -> Response:
    assert isinstance(erreur, HTTPException)
    phrases = {404: "Cette adresse n'existe pas.", 405: "Cette méthode n'est pas prévue ici."}
    detail = phrases.get(erreur.status_code, "La requête n'a pas pu être traitée.")
    if requete.url.path.startswith(("/api", "/dev", "/depot")):
        return probleme(erreur.status_code, "Requête impossible", detail, entetes=erreur.headers)
    corps = _page("Requête impossible", f"<p>{detail}</p>")
    return HTMLResponse(corps, erreur.status_code, dict(ENTETES_SITE))


async def _panne(_: Request, panne: Exception) -> Response:
    return probleme(500, "Erreur interne", "La porte d'entrée locale a échoué : voir son journal.")


def _actifs() -> str:
    """Where the build put what pages are dressed with."""
    base: str = json.loads((SITE / "actifs.json").read_text())["base"]
    return base


def _page(titre: str, contenu: str) -> str:
    return f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(titre)} – Permis de conduire en ligne</title>
<link rel="stylesheet" href="{_actifs()}/dsfr.css">
<link rel="stylesheet" href="{_actifs()}/styles/site.css">
</head>
<body>
<main class="fr-container fr-py-4w">
<h1>{escape(titre)}</h1>
{contenu}
<p><a href="/">Accueil du site</a> – <a href="/agent/">Portail Guichet Agent</a></p>
</main>
</body>
</html>
"""


async def servir(reglages: Reglages, prise: socket.socket) -> None:
    """Serve on the listening ``prise`` until SIGTERM or SIGINT, then end within a few seconds."""
    arret = asyncio.Event()
    boucle = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        boucle.add_signal_handler(signal_, arret.set)
    config = Config()
    # Hypercorn owns it from here, and closes it.
    config.bind = [f"fd://{prise.detach()}"]
    config.graceful_timeout = ARRET_S / 2
    config.shutdown_timeout = ARRET_S / 2
    config.keep_alive_timeout = 75
    config.include_server_header = False
    # An access log would hold what is asked of /dev/envois: the relay writes its own.
    config.accesslog = None
    config.loglevel = "WARNING"
    application = cast(ASGIFramework, creer_application(reglages))
    await serve(application, config, shutdown_trigger=arret.wait)


def main() -> int:
    """Serve; 1 and one sentence when it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        reglages = reglages_de_l_environnement(os.environ)
    except (ValueError, OSError) as faute:
        print(faute, file=sys.stderr)
        return 1
    try:
        prise = socket.create_server(("127.0.0.1", reglages.port), backlog=512)
    except OSError as faute:
        print(f"Le port {reglages.port} ne peut pas être ouvert ({faute.strerror}).", file=sys.stderr)
        return 1
    threading.Thread(target=suivre_le_lanceur, daemon=True, name="lanceur").start()
    asyncio.run(servir(reglages, prise))
    return 0


if __name__ == "__main__":
    sys.exit(main())
