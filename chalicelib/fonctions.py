"""What one Lambda function is and may do, written beside its code.

Every module that owns a Lambda (a wizard step, an account action, a consumer) has a ``FONCTION``: the build
(``infra/empaqueter.py``) turns it into the function's role, policy, environment, memory and timeout. There is no
second place where a right is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fonction:
    """The size and the rights of one Lambda function.

    ``droits`` maps a resource to the actions allowed on it. A resource is ``kind:name``, and its name becomes an
    environment variable of the function:

    - ``table:demandes`` -> DynamoDB actions on that table, variable ``TABLE_DEMANDES``;
      ``table:demandes/index/par_usager`` -> on that index only;
    - ``bucket:quarantaine/*`` -> S3 actions on its objects (without ``/*``: on the bucket), ``BUCKET_QUARANTAINE``;
    - ``topic:evenements`` -> SNS, ``TOPIC_EVENEMENTS``; ``queue:mails`` -> SQS, ``QUEUE_MAILS``;
    - ``key:cachet`` -> KMS, ``KEY_CACHET``;
    - ``machine:demande`` -> Step Functions, ``MACHINE_DEMANDE``;
    - ``mail:*`` / ``sms:*`` -> SES / SNS direct publication, ``mail:suivi`` -> through the configuration set that
      follows the mails; no variable.

    Actions are written without their service prefix (``UpdateItem``). ``variables`` names the settings of
    ``chalicelib/settings.py`` that the function needs beyond its resources (``CLE_JETONS``). ``delai`` is in seconds,
    ``memoire`` in MB. ``couches`` names the layers of ``infra/couches/``. ``simultanees``: how many calls run at once
    at most, where anybody may ask for what costs seconds; the others keep the rest of the account.
    """

    droits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    memoire: int = 512
    delai: int = 10
    couches: tuple[str, ...] = ()
    simultanees: int | None = None
