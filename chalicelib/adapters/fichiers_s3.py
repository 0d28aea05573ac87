"""Files in S3: bucket ``quarantaine`` (what browsers post), ``pieces`` (controlled), ``documents`` (what we issue).

Keys: ``<demande>/<piece>`` in quarantine; ``<demande>/<piece>/<empreinte>/original`` and ``/<n>.jpg`` once controlled;
``<demande>/photo/<nom>.jpg`` (no pièce has such an id). They hold no identity data. ``url_depot`` and ``url_liens``
replace the bucket's own address where a front door stands before it.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.modeles import Piece
from chalicelib.demande.ports import Envoi

ENVOI_S = 15 * 60
"""How long a browser has to post a file once it was announced: a slow network, a large photo."""

LIEN_S = 5 * 60
"""How long a link to a document lives."""


class FichiersS3:
    """The port ``Fichiers``."""

    def __init__(
        self,
        client: Any,
        *,
        quarantaine: str = "",
        pieces: str = "",
        documents: str = "",
        url_depot: str = "",
        url_liens: str = "",
    ) -> None:
        self._client = client
        self._quarantaine = quarantaine
        self._pieces = pieces
        self._documents = documents
        self._url_depot = url_depot
        self._url_liens = url_liens

    def preparer_envoi(self, piece: Piece, usager: str) -> Envoi:
        exacts = {
            "Content-Type": piece.mime,
            "x-amz-meta-usager": usager,
            "x-amz-meta-piece": piece.piece_id,
        }
        conditions: list[Any] = [{nom: valeur} for nom, valeur in exacts.items()]
        conditions.append(["content-length-range", 0, piece.taille])
        signe = self._client.generate_presigned_post(
            self._quarantaine, _cle(piece), Fields=exacts, Conditions=conditions, ExpiresIn=ENVOI_S
        )
        return Envoi(_deplacer(signe["url"], self._quarantaine, self._url_depot), signe["fields"])

    def lire_quarantaine(self, piece: Piece) -> bytes | None:
        try:
            objet = self._client.get_object(Bucket=self._quarantaine, Key=_cle(piece))
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        try:
            octets: bytes = objet["Body"].read()
        except BotoCoreError:
            # The answer had begun: botocore tries no more.
            raise ServiceIndisponible() from None
        return octets

    def ranger(self, piece: Piece, original: bytes, pages: Sequence[bytes]) -> None:
        for rang, page in enumerate(pages, start=1):
            self._client.put_object(Bucket=self._pieces, Key=_page(piece, rang), Body=page, ContentType="image/jpeg")
        # The bytes that were read, not a copy of the object: it may be posted anew meanwhile. Whatever type was
        # announced, an original is never opened by a browser.
        self._client.put_object(
            Bucket=self._pieces,
            Key=f"{_rangement(piece)}original",
            Body=original,
            ContentType="application/octet-stream",
        )

    def abandonner(self, piece: Piece) -> None:
        self._vider(_rangement(piece))

    def liens_pages(self, piece: Piece) -> list[str]:
        return [self._lien(self._pieces, _page(piece, rang)) for rang in range(1, piece.pages + 1)]

    def supprimer(self, piece: Piece) -> None:
        # A control cut before its verdict left pages that no verdict tells: all that may exist is removed.
        self._vider(f"{_cle(piece)}/")
        self._client.delete_object(Bucket=self._quarantaine, Key=_cle(piece))

    def ranger_photo(self, demande_id: str, nom: str, jpeg: bytes) -> None:
        self._client.put_object(Bucket=self._pieces, Key=_photo(demande_id, nom), Body=jpeg, ContentType="image/jpeg")

    def lien_photo(self, demande_id: str, nom: str) -> str:
        return self._lien(self._pieces, _photo(demande_id, nom))

    def retirer_photo(self, demande_id: str, nom: str) -> None:
        self._client.delete_object(Bucket=self._pieces, Key=_photo(demande_id, nom))

    def vider(self, demande_id: str) -> None:
        self._vider(f"{demande_id}/")

    def publier_document(self, cle: str, octets: bytes, nom: str) -> str:
        self._client.put_object(Bucket=self._documents, Key=cle, Body=octets, ContentType="application/pdf")
        return self._lien(
            self._documents,
            cle,
            ResponseContentDisposition=f"attachment; filename*=UTF-8''{quote(nom)}",
            ResponseContentType="application/pdf",
        )

    def _vider(self, prefixe: str) -> None:
        """Remove what is under ``prefixe`` in the bucket of the pièces."""
        while True:
            page = self._client.list_objects_v2(Bucket=self._pieces, Prefix=prefixe)
            cles = [{"Key": objet["Key"]} for objet in page.get("Contents", [])]
            if cles:
                fait = self._client.delete_objects(Bucket=self._pieces, Delete={"Objects": cles, "Quiet": True})
                if fait.get("Errors"):
                    # A batch may fail by parts, without an error of its own.
                    raise ServiceIndisponible()
            if not page.get("IsTruncated"):
                return

    def _lien(self, bucket: str, cle: str, **options: str) -> str:
        lien: str = self._client.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": cle, **options}, ExpiresIn=LIEN_S
        )
        return _deplacer(lien, bucket, self._url_liens)


def _cle(piece: Piece) -> str:
    return f"{piece.demande_id}/{piece.piece_id}"


def _photo(demande_id: str, nom: str) -> str:
    return f"{demande_id}/photo/{nom}.jpg"


def _page(piece: Piece, rang: int) -> str:
    return f"{_rangement(piece)}{rang}.jpg"


def _rangement(piece: Piece) -> str:
    if not piece.empreinte:
        raise ValueError("pièce sans empreinte : rien n'en est rangé")
    return f"{_cle(piece)}/{piece.empreinte}/"


def _deplacer(url: str, bucket: str, base: str) -> str:
    """``url`` under ``base``, ``http://hote/depot/<bucket>/<key>``, whether S3's names its bucket in host or path.

    Unchanged without a base.
    """
    if not base:
        return url
    voulu, actuel = urlsplit(base), urlsplit(url)
    dossier = f"/{bucket}" if actuel.netloc.startswith(f"{bucket}.") else ""
    return urlunsplit((voulu.scheme, voulu.netloc, voulu.path.rstrip("/") + dossier + actuel.path, actuel.query, ""))
