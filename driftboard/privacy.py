"""What the configuration says of features and segments, as the log applies it before anything is stored."""

from driftboard.config import Settings, resolve_secret
from driftboard.data.privacy import Privacy


def privacy_of(settings: Settings) -> Privacy:
    """Return what becomes of features before they are stored; made once, since it reads the salt.

    Raises
    ------
    ConfigError
        The salt is not where the configuration says, or there is none though features are to be hashed.
    """
    given = settings.privacy
    return Privacy(
        drop=frozenset(given.drop),
        hash=frozenset(given.hash),
        truncate=dict(given.truncate),
        salt="" if given.salt is None else resolve_secret(given.salt),
        allow=frozenset(given.allow),
    )
