"""The scan that AWS makes of each object posted in the quarantine (GuardDuty Malware Protection for S3), told by a tag.

The browser cannot put that tag: the form that we sign has no field for it. A second post under the same key takes
the tag away, and the ETag (MD5, for objects posted whole and not encrypted by KMS) says that what was scanned is what
was read.
"""

from hashlib import md5
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.demande.erreurs import FichierAbsent, ServiceIndisponible
from chalicelib.demande.modeles import Piece
from chalicelib.demande.ports_antivirus import Analyse

ETIQUETTE = "GuardDutyMalwareScanStatus"
ANALYSES: dict[str, Analyse] = {
    "NO_THREATS_FOUND": "saine",
    "THREATS_FOUND": "infectee",
    "UNSUPPORTED": "impenetrable",
}
_ABSENT = ("NoSuchKey", "404")


class AntiVirusS3:
    """The port ``AntiVirus``, over the objects of the bucket ``quarantaine``."""

    def __init__(self, client: Any, quarantaine: str) -> None:
        self._client = client
        self._quarantaine = quarantaine

    def analyser(self, piece: Piece, octets: bytes) -> Analyse:
        objet = {"Bucket": self._quarantaine, "Key": f"{piece.demande_id}/{piece.piece_id}"}
        try:
            etiquettes = self._client.get_object_tagging(**objet)["TagSet"]
            dite = next((une["Value"] for une in etiquettes if une["Key"] == ETIQUETTE), None)
            if dite is None:
                return "en_cours"
            if dite not in ANALYSES:
                # ACCESS_DENIED, FAILED: it was not scanned, and will not be unless it is sent again.
                raise ServiceIndisponible()
            etag = self._client.head_object(**objet)["ETag"].strip('"')
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] in _ABSENT:
                raise FichierAbsent() from None
            raise
        if etag != md5(octets, usedforsecurity=False).hexdigest():
            return "en_cours"
        return ANALYSES[dite]
