"""The sites sent to their bucket: what pages need first, pages next, what is no longer served last."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chalicelib.adapters.clients import client
from infra.hebergement.entetes import duree_de_garde

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
OUVRIER = "service-worker.js"
INTROUVABLE = "introuvable.html"
"""The page of an unknown address under the key that is answered as a 404 (``introuvable.js``)."""
PAR_LOT = 1000


class TypeInconnu(ValueError):
    """A file whose type is not in ``TYPES``: a browser told to trust types would not read it."""


def envoyer(
    bucket: str, site: Path, annoncer: Callable[[str], None], avant_d_effacer: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Make ``bucket`` serve what is in ``site``; how many were ``envoyes`` and ``effaces``.

    ``avant_d_effacer`` is done once all is there, while what is no longer served still is: what knows the pages by name
    changes then.
    A page open in a browser keeps finding its assets: those of the build before are left until the next one. Cut
    anywhere, the same call goes on: what is there never lacks what it needs. Raises ``TypeInconnu`` before all.
    """
    s3 = client("s3")
    presents = dict(_presents(s3, bucket))
    locaux = {fichier.relative_to(site).as_posix(): fichier for fichier in site.rglob("*") if fichier.is_file()}
    inconnus = sorted({fichier.suffix for fichier in locaux.values()} - TYPES.keys())
    if inconnus:
        raise TypeInconnu(f"extensions sans type : {', '.join(inconnus)}")
    actifs = {cle for cle in locaux if cle.startswith("actifs/")}
    gardes = _bases(s3, bucket, presents, locaux["actifs.json"])
    neufs = sorted(cle for cle in actifs if presents.get(cle) != _marque(locaux[cle]))
    pages = sorted(locaux.keys() - actifs - {OUVRIER})
    for cle in neufs:
        _poser(s3, bucket, cle, locaux[cle])
    for cle in pages:
        _poser(s3, bucket, cle, locaux[cle])
    _poser(s3, bucket, INTROUVABLE, locaux["404.html"], Metadata={"statut": "404"})
    # It tells browsers to fetch the pages anew: they are all there.
    _poser(s3, bucket, OUVRIER, locaux[OUVRIER])
    avant_d_effacer()
    servis = {*locaux, INTROUVABLE}
    vieux = sorted(cle for cle in presents if cle not in servis and not cle.startswith(gardes))
    for debut in range(0, len(vieux), PAR_LOT):
        lot = [{"Key": cle} for cle in vieux[debut : debut + PAR_LOT]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": lot, "Quiet": True})
    bilan = {"envoyes": len(neufs) + len(pages) + 2, "effaces": len(vieux)}
    annoncer(f"site : {bilan['envoyes']} fichiers envoyés, {bilan['effaces']} effacés")
    return bilan


def _presents(s3: Any, bucket: str) -> Iterator[tuple[str, str]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from ((objet["Key"], objet["ETag"].strip('"')) for objet in page.get("Contents", []))


def _bases(s3: Any, bucket: str, presents: dict[str, str], neuf: Path) -> tuple[str, ...]:
    """The prefixes of assets that stay: those that the bucket's own pages use now. All of them when nothing changes."""
    if "actifs.json" not in presents:
        return ()
    servie = json.loads(s3.get_object(Bucket=bucket, Key="actifs.json")["Body"].read())["base"]
    if servie == json.loads(neuf.read_text())["base"]:
        # The same build again: what it left for open pages is still theirs.
        return ("actifs/",)
    return (f"{servie.lstrip('/')}/",)


def _marque(fichier: Path) -> str:
    """What S3 says of the same bytes, sent in one piece."""
    return hashlib.md5(fichier.read_bytes(), usedforsecurity=False).hexdigest()


def _poser(s3: Any, bucket: str, cle: str, fichier: Path, **plus: Any) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=cle,
        Body=fichier.read_bytes(),
        ContentType=TYPES[fichier.suffix],
        CacheControl=duree_de_garde(f"/{cle}"),
        **plus,
    )
