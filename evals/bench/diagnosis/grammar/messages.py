"""Messages of log lines in five human languages, by the key of what happened.

`{peer}` is whom it is about, `{noun}` and `{field}` are words of the world, `<*>` stands where a value varies.  Codes
of protocols are the same in all languages, since libraries pass them on.
"""

LANGUAGES = ("en", "de", "es", "fr", "ja")

TEXTS: dict[str, tuple[str, str, str, str, str]] = {
    "served": (
        "{noun} served in <*> ms",
        "{noun} bedient in <*> ms",
        "{noun} atendido en <*> ms",
        "{noun} servi en <*> ms",
        "{noun} 応答 <*> ms",
    ),
    "detail": (
        "{noun} <*> loaded from cache",
        "{noun} <*> aus dem Speicher geladen",
        "{noun} <*> leído de la memoria",
        "{noun} <*> lu depuis le cache",
        "{noun} <*> キャッシュから取得",
    ),
    "miss": (
        "{noun} <*> not in cache",
        "{noun} <*> nicht im Speicher",
        "{noun} <*> no está en la memoria",
        "{noun} <*> absent du cache",
        "{noun} <*> キャッシュになし",
    ),
    "now_and_then": (
        "cleaned <*> old entries",
        "<*> alte Einträge entfernt",
        "<*> entradas antiguas borradas",
        "<*> anciennes entrées supprimées",
        "古い項目 <*> 件を削除",
    ),
    "retry": (
        "asking {peer} again, attempt <*>",
        "{peer} wird erneut gefragt, Versuch <*>",
        "nuevo intento <*> con {peer}",
        "nouvel essai <*> vers {peer}",
        "{peer} へ再試行 <*> 回目",
    ),
    "call.status": (
        "{peer} answered with status <*>",
        "{peer} antwortete mit Status <*>",
        "{peer} respondió con estado <*>",
        "{peer} a répondu avec le statut <*>",
        "{peer} の応答ステータス <*>",
    ),
    "call.timeout": (
        "no answer from {peer} within <*> ms",
        "keine Antwort von {peer} binnen <*> ms",
        "sin respuesta de {peer} en <*> ms",
        "pas de réponse de {peer} sous <*> ms",
        "{peer} から <*> ms 以内に応答なし",
    ),
    "call.refused": (
        "cannot reach {peer}: ECONNREFUSED",
        "{peer} nicht erreichbar: ECONNREFUSED",
        "{peer} inaccesible: ECONNREFUSED",
        "{peer} injoignable : ECONNREFUSED",
        "{peer} に接続できません: ECONNREFUSED",
    ),
    "call.no_name": (
        "cannot reach <*>: no such host",
        "<*> nicht erreichbar: no such host",
        "<*> inaccesible: no such host",
        "<*> injoignable : no such host",
        "<*> に接続できません: no such host",
    ),
    "call.certificate": (
        "cannot reach {peer}: x509: certificate has expired",
        "{peer} nicht erreichbar: x509: certificate has expired",
        "{peer} inaccesible: x509: certificate has expired",
        "{peer} injoignable : x509: certificate has expired",
        "{peer} に接続できません: x509: certificate has expired",
    ),
    "call.quota": (
        "{peer} answered 429 RESOURCE_EXHAUSTED",
        "{peer} antwortete 429 RESOURCE_EXHAUSTED",
        "{peer} respondió 429 RESOURCE_EXHAUSTED",
        "{peer} a répondu 429 RESOURCE_EXHAUSTED",
        "{peer} 応答 429 RESOURCE_EXHAUSTED",
    ),
    "call.clock": (
        "{peer} answered 401 to our token",
        "{peer} antwortete 401 auf unser Token",
        "{peer} respondió 401 a nuestro token",
        "{peer} a répondu 401 à notre jeton",
        "{peer} がトークンに 401 を返した",
    ),
    "call.unit": (
        "{peer} answered 422: {field} out of range",
        "{peer} antwortete 422: {field} außerhalb der Grenzen",
        "{peer} respondió 422: {field} fuera de rango",
        "{peer} a répondu 422 : {field} hors limites",
        "{peer} 応答 422: {field} が範囲外",
    ),
    "call.client_certificate": (
        "cannot reach {peer}: remote error: tls: expired certificate",
        "{peer} nicht erreichbar: remote error: tls: expired certificate",
        "{peer} inaccesible: remote error: tls: expired certificate",
        "{peer} injoignable : remote error: tls: expired certificate",
        "{peer} に接続できません: remote error: tls: expired certificate",
    ),
    "call.reset": (
        "cannot reach {peer}: ECONNRESET",
        "{peer} nicht erreichbar: ECONNRESET",
        "{peer} inaccesible: ECONNRESET",
        "{peer} injoignable : ECONNRESET",
        "{peer} に接続できません: ECONNRESET",
    ),
    "call.denied": (
        "cannot reach {peer}: 28P01 password authentication failed",
        "{peer} nicht erreichbar: 28P01 password authentication failed",
        "{peer} inaccesible: 28P01 password authentication failed",
        "{peer} injoignable : 28P01 password authentication failed",
        "{peer} に接続できません: 28P01 password authentication failed",
    ),
    "call.expired": (
        "{peer} answered 401 to our token",
        "{peer} antwortete 401 auf unser Token",
        "{peer} respondió 401 a nuestro token",
        "{peer} a répondu 401 à notre jeton",
        "{peer} がトークンに 401 を返した",
    ),
    "call.shape": (
        "{peer} answered 400: unknown {field}",
        "{peer} antwortete 400: {field} unbekannt",
        "{peer} respondió 400: {field} desconocido",
        "{peer} a répondu 400 : {field} inconnu",
        "{peer} 応答 400: {field} が不明",
    ),
    "call.full": (
        "{peer} answered 429: queue is full",
        "{peer} antwortete 429: Warteschlange ist voll",
        "{peer} respondió 429: cola llena",
        "{peer} a répondu 429 : file pleine",
        "{peer} 応答 429: キューが満杯",
    ),
    "refused.clock": (
        "token of {peer} issued in the future",
        "Token von {peer}: issued in the future",
        "token de {peer}: issued in the future",
        "jeton de {peer} : issued in the future",
        "{peer} のトークン: issued in the future",
    ),
    "refused.unit": (
        "{field} <*> of {peer} out of range",
        "{field} <*> von {peer} außerhalb der Grenzen",
        "{field} <*> de {peer} fuera de rango",
        "{field} <*> de {peer} hors limites",
        "{peer} の {field} <*> が範囲外",
    ),
    "refused.expired": (
        "token of {peer} is expired",
        "Token von {peer}: token is expired",
        "token de {peer}: token is expired",
        "jeton de {peer} : token is expired",
        "{peer} のトークン: token is expired",
    ),
    "refused.shape": (
        "unknown {field} from {peer}",
        "{field} von {peer} unbekannt",
        "{field} desconocido de {peer}",
        "{field} inconnu de {peer}",
        "{peer} からの {field} が不明",
    ),
    "refused.full": (
        "queue is full at <*>, refused {peer}",
        "Warteschlange mit <*> voll, {peer} abgewiesen",
        "cola llena con <*>, rechazado {peer}",
        "file pleine à <*>, {peer} refusé",
        "キュー <*> 件で満杯、{peer} を拒否",
    ),
    "nonsense": (
        "answer of {peer} is not usable",
        "Antwort von {peer} ist unbrauchbar",
        "respuesta de {peer} inutilizable",
        "réponse de {peer} inutilisable",
        "{peer} の応答が利用不可",
    ),
    "raised.nonsense": (
        "cannot read {field}: unexpected value <*>",
        "{field} nicht lesbar: unerwarteter Wert <*>",
        "{field} ilegible: valor inesperado <*>",
        "{field} illisible : valeur inattendue <*>",
        "{field} を読めません: 想定外の値 <*>",
    ),
    "raised.chance": (
        "{noun} <*> not accepted",
        "{noun} <*> nicht angenommen",
        "{noun} <*> no aceptado",
        "{noun} <*> refusé",
        "{noun} <*> 受付不可",
    ),
    "raised.cause": (
        "cannot handle {noun}: {field} is <*>",
        "{noun} nicht verarbeitet: {field} ist <*>",
        "no se pudo tratar {noun}: {field} es <*>",
        "{noun} non traité : {field} vaut <*>",
        "{noun} を処理できません: {field} は <*>",
    ),
    "raised.queue": (
        "no worker free after <*> ms, dropped",
        "kein Platz frei nach <*> ms, verworfen",
        "sin trabajador libre tras <*> ms, descartado",
        "aucun exécutant libre après <*> ms, abandonné",
        "<*> ms 空きなし、破棄",
    ),
    "raised.pool": (
        "no connection free after <*> ms",
        "keine Verbindung frei nach <*> ms",
        "ninguna conexión libre tras <*> ms",
        "aucune connexion libre après <*> ms",
        "<*> ms 接続の空きなし",
    ),
    "raised.disk": (
        "cannot write <*>: ENOSPC",
        "<*> nicht geschrieben: ENOSPC",
        "no se pudo escribir <*>: ENOSPC",
        "écriture de <*> impossible : ENOSPC",
        "<*> に書き込めません: ENOSPC",
    ),
    "started": (
        "listening on <*>",
        "lauscht auf <*>",
        "escuchando en <*>",
        "en écoute sur <*>",
        "<*> で待ち受け開始",
    ),
}
"""Each message in the order of `LANGUAGES`."""


def text(key: str, language: int, *, peer: str, noun: str, field: str) -> str:
    """A message by its key; ``served.1`` and ``served.2`` are one message about two nouns.  Raises KeyError."""
    stem = key if key in TEXTS else key.rpartition(".")[0]
    return TEXTS[stem][language].format(peer=peer, noun=noun, field=field)


def level(key: str) -> str:
    """Severity that a library would log it with."""
    if key.startswith("raised."):
        return "ERROR"
    return "WARN" if key.startswith(("call.", "refused.", "nonsense", "retry")) else "INFO"
