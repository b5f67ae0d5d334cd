"""Secrets as they stand in logs, requests, files and settings; each with the part of it that must not be seen again.

All are made up.  What scanners of repositories know is put together here, so that none of them stops at this file.
"""

import base64
import json
from typing import NamedTuple


class Leak(NamedTuple):
    """A text, and the parts of it that are secret."""

    text: str
    secret: tuple[str, ...]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_HEX32 = "9f86d081884c7d659a2feaa0c55ad015"
_HEX40 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
_WORD36 = "q7Zp2Lw9Xv4Nb8Rk1Ty6Um3Cs5Ed0Fg2Hj4K"
_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
_PEM = f"-----BEGIN PRIVATE KEY-----\n{_BODY}\n{_BODY}\n-----END PRIVATE KEY-----"
_JWT = ".".join(
    ("ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
)
_SLACK = "/".join(("T0" + "0000ABC", "B0" + "0000DEF", "XyZ1aBcD2eFgH3iJkL4mNoP5"))

LEAKS: dict[str, Leak] = {
    # --- names before values
    "a bare token": Leak("GET /orders token=s3cr3tvalue failed", ("s3cr3tvalue",)),
    "a bare token of letters": Leak("token=opensesame", ("opensesame",)),
    "a password in JSON": Leak('{"user": "ann", "password": "hunter2"}', ("hunter2",)),
    "a password in JSON with a quote in it": Leak(r'{"password": "hun\"ter2", "next": 1}', ("hun", "ter2")),
    "a password in JSON inside of JSON": Leak(r'body="{\"user\":\"ann\",\"password\":\"hunter2\"}"', ("hunter2",)),
    "a password in YAML": Leak("db:\n  user: ann\n  password: hunter2\n", ("hunter2",)),
    "a password in YAML on the next line": Leak("db:\n  password: >-\n    hunter2\n  port: 5432\n", ("hunter2",)),
    "a password in a query": Leak("POST /login?user=ann&password=hunter2&next=/", ("hunter2",)),
    "a password in a form that is encoded": Leak("user%3Dann%26password%3Dhunter2%26next%3D", ("hunter2",)),
    "a password in TOML": Leak("[db]\npassword = 'hunter2'\n", ("hunter2",)),
    "a password in XML": Leak("<db><password>hunter2</password></db>", ("hunter2",)),
    "a password in an attribute": Leak('<add key="DbPassword" value="hunter2" />', ("hunter2",)),
    "a password in a dictionary of Python": Leak("{'user': 'ann', 'db_password': 'hunter2'}", ("hunter2",)),
    "a name and a value": Leak('env [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "A"}', ("hunter2",)),
    "a pair of Python": Leak("headers [('accept', '*/*'), ('x-api-key', 'hunter2')]", ("hunter2",)),
    "an option": Leak("deploy --user ann --password=hunter2 --force", ("hunter2",)),
    "an option and its value": Leak("deploy --password hunter2 --force", ("hunter2",)),
    "an option for a token": Leak("gh auth --token opensesame status", ("opensesame",)),
    "a short option": Leak("mysql -u root -p hunter2 orders", ("hunter2",)),
    "a short option without a blank": Leak("mysqldump -u root -phunter2 orders", ("hunter2",)),
    "a login to a registry": Leak("docker login -u ann -p hunter2 registry.example.com", ("hunter2",)),
    "an environment": Leak("ORDERS_DB_PASSWORD=hunter2 STRIPE_KEY=abc12345 python -m orders", ("hunter2", "abc12345")),
    "an export with quotes": Leak('export COOKIE_SECRET="hunter2 with blanks"', ("hunter2", "blanks")),
    "a salt": Leak("hashing with salt=x8Jq2mZ1", ("x8Jq2mZ1",)),
    "camel case": Leak('{"clientSecret":"hunter2","accessToken":"abc12345"}', ("hunter2", "abc12345")),
    "a sentence": Leak("the password for ann is hunter2, please change it", ("hunter2",)),
    "words to remember": Leak(
        "mnemonic: abandon ability able about above absent absorb abstract", ("abandon", "abstract")
    ),
    "SQL": Leak("CREATE USER ann IDENTIFIED BY 'hunter2'; ALTER ROLE bob PASSWORD 'hunter3';", ("hunter2", "hunter3")),
    "a connection string": Leak("Server=db;User Id=ann;Password=hunter2;Encrypt=true", ("hunter2",)),
    "unicode escapes": Leak(r"url=/login?password\u003dhunter2\u0026next", ("hunter2",)),
    "entities": Leak("&quot;password&quot;:&quot;hunter2&quot;", ("hunter2",)),
    # --- headers
    "a bearer": Leak("Authorization: Bearer abcDEF123.456_~+/=", ("abcDEF123",)),
    "basic": Leak(f"authorization: Basic {_base64('ann:hunter2')}", (_base64("ann:hunter2")[:12],)),
    "a digest": Leak(f'Authorization: Digest username="ann", nonce="x", response="{_HEX32}"', (_HEX32,)),
    "AWS's signature": Leak(
        f"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101, SignedHeaders=host, Signature={_HEX32}{_HEX32}",
        (_HEX32,),
    ),
    "a header with a key": Leak("X-Api-Key: hunter2hunter2", ("hunter2",)),
    "cookies": Leak("Cookie: theme=dark; session=abc123def456; cart=7", ("abc123def456",)),
    "a cookie that is set": Leak("Set-Cookie: sid=s%3Aabc123def456.xyz; Path=/; HttpOnly", ("abc123def456",)),
    "a session": Leak("JSESSIONID=A1B2C3D4E5F60718 not found", ("A1B2C3D4E5F60718",)),
    "a command with a header": Leak(
        "curl -s -H 'Authorization: token hunter2hunter2' https://api.example.com/", ("hunter2",)
    ),
    "a command with a user": Leak("curl -u ann:hunter2 https://api.example.com/", ("hunter2",)),
    # --- addresses
    "a database": Leak("postgres://app:hunter2!x@db.internal:5432/orders", ("hunter2!x",)),
    "a database with odd characters": Leak(
        "could not connect to postgres://app:p@ss/w0rd#1@db.internal/orders", ("ss/w0rd", "p@ss")
    ),
    "a cache without a user": Leak("redis://:hunter2@cache:6379/0", ("hunter2",)),
    "a queue": Leak("amqps://guest:hunter2@mq.example.com/vhost", ("hunter2",)),
    "a document store": Leak("mongodb+srv://ann:hunter2@cluster0.abc.mongodb.net/?w=majority", ("hunter2",)),
    "a mail server": Leak("smtp://mailer%40example.com:hunter2@smtp.example.com:587", ("hunter2",)),
    "an address of errors": Leak(f"https://{_HEX32}@o42.ingest.sentry.io/1234", (_HEX32,)),
    "a clone with a token": Leak(
        "git clone https://x-access-token:hunter2hunter2@git.example.com/a/b.git", ("hunter2",)
    ),
    "a source name of Go": Leak("ann:hunter2@tcp(db:3306)/orders?parseTime=true", ("hunter2",)),
    "Oracle": Leak("jdbc:oracle:thin:ann/hunter2@db:1521/orders", ("hunter2",)),
    "a webhook of Slack": Leak(f"POST https://hooks.slack.com/services/{_SLACK} 404", ("XyZ1aBcD2eFg",)),
    "a webhook of Discord": Leak(
        f"https://discord.com/api/webhooks/123456789012345678/{_WORD36}{_WORD36[:32]}", (_WORD36,)
    ),
    "a webhook of Teams": Leak(
        f"https://acme.webhook.office.com/webhookb2/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab@0f1e2d3c-aaaa-bbbb-cccc-0123456789ab/IncomingWebhook/{_HEX32}/0f1e2d3c-aaaa-bbbb-cccc-0123456789ab",
        (_HEX32,),
    ),
    "a webhook of Mattermost": Leak("https://chat.example.com/hooks/xyz1abcd2efgh3ijkl4mnop5qr", ("xyz1abcd2efgh",)),
    "a bot of Telegram": Leak(f"https://api.telegram.org/bot123456789:AA{_WORD36[:33]}/sendMessage", (_WORD36[:33],)),
    "a webhook of Google": Leak(
        f"https://chat.googleapis.com/v1/spaces/AAAA/messages?key=AI{'za'}{_WORD36[:35]}&token=b1c2d3e4f5g6h7",
        (_WORD36[:30], "b1c2d3e4"),
    ),
    "a signed address of S3": Leak(
        f"https://b.s3.amazonaws.com/o?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature={_HEX32}{_HEX32}",
        (_HEX32,),
    ),
    "a signed address of Google": Leak(
        f"https://storage.googleapis.com/b/o?X-Goog-Expires=60&X-Goog-Signature={_HEX40}", (_HEX40,)
    ),
    "a signed address of CloudFront": Leak(
        f"https://d1.cloudfront.net/o?Expires=1&Signature={_WORD36}__&Key-Pair-Id=APKA{_WORD36[:16].upper()}",
        (_WORD36, _WORD36[:16].upper()),
    ),
    "a shared access signature": Leak(
        "https://a.blob.core.windows.net/c/o?sv=2024-01-01&se=2026-01-01&sp=r&sig=Xv4Nb8Rk1Ty6Um3Cs5Ed0Fg2Hj4%3D",
        ("Xv4Nb8Rk1Ty6Um3C",),
    ),
    "an e-mail in an address": Leak("GET /users/ann.lee@example.com/orders?next=/", ("ann.lee@example.com",)),
    "an e-mail in a query": Leak("GET /users?email=ann.lee%40example.com&page=2", ("ann.lee",)),
    # --- clouds
    "a key of AWS": Leak(f"key AK{'IA'}Q3EXAMPLE7EXAMPL in use", ("Q3EXAMPLE7EXAMPL",)),
    "a pair of AWS": Leak(f"AS{'IA'}Q3EXAMPLE7EXAMPL wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ("wJalrXUtnFEMI",)),
    "a secret key of AWS": Leak("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ("wJalrXUtnFEMI",)),
    "an account of Google": Leak(
        '{"type": "service_account", "private_key_id": "'
        + _HEX40
        + '", "private_key": "'
        + _PEM.replace("\n", "\\n")
        + '", "client_email": "a@b.iam"}',
        (_HEX40, _BODY[:40]),
    ),
    "a storage account of Azure": Leak(
        f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={_WORD36}{_WORD36}==;EndpointSuffix=core.windows.net",
        (_WORD36,),
    ),
    "a bus of Azure": Leak(
        f"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={_WORD36}=", (_WORD36,)
    ),
    "DigitalOcean": Leak(f"using do{'p_v1'}_{_HEX32}{_HEX32}", (_HEX32,)),
    "Alibaba": Leak(f"id LT{'AI'}5tQ7Zp2Lw9Xv4Nb8Rk1Ty, sent", ("5tQ7Zp2Lw9Xv4Nb8Rk1Ty",)),
    # --- hubs and services
    "GitHub": Leak(f"remote: gh{'p_'}{_WORD36}", (_WORD36,)),
    "GitHub, fine-grained": Leak(f"github{'_pat_'}11ABCDEFG0{_WORD36}{_WORD36}", (_WORD36,)),
    "GitLab": Leak(f"(gl{'pat-'}{_WORD36[:20]})", (_WORD36[:20],)),
    "npm": Leak(f"//registry.npmjs.org/:_authToken=np{'m_'}{_WORD36}", (_WORD36,)),
    "PyPI": Leak(f"twine -u __token__ -p pyp{'i-'}AgEIcHlwaS5vcmc{_WORD36}{_WORD36}", (_WORD36,)),
    "Hugging Face": Leak(f"login h{'f_'}QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi", ("QwErTyUiOpAs",)),
    "Docker Hub": Leak(f"dc{'kr_pat_'}{_WORD36[:27]}", (_WORD36[:27],)),
    "RubyGems": Leak(f"ruby{'gems_'}{_HEX40}9f86d081", (_HEX40,)),
    "OpenAI": Leak(f"invalid key s{'k-'}proj-{_WORD36}", (_WORD36,)),
    "Anthropic": Leak(f"x s{'k-'}ant-api03-{_WORD36}{_WORD36}", (_WORD36,)),
    "Stripe": Leak(f"s{'k_live'}_{_WORD36[:24]}", (_WORD36[:24],)),
    "Twilio": Leak(f"SID S{'K'}{_HEX32}", (_HEX32,)),
    "SendGrid": Leak(f"S{'G.'}{_WORD36[:22]}.{_WORD36}{_WORD36[:7]}", (_WORD36[:22],)),
    "Mailgun": Leak(f"mailgun: ke{'y-'}{_HEX32}", (_HEX32,)),
    "Slack": Leak(f"xo{'xb-'}123456789012-1234567890123-{_WORD36[:24]}", (_WORD36[:24],)),
    "Vault": Leak(f"hv{'s.'}CAESI{_WORD36}{_WORD36}", (_WORD36,)),
    "Grafana": Leak(f"gl{'sa_'}{_WORD36[:32]}_9f86d081", (_WORD36[:32],)),
    "Datadog": Leak(f"DD_API_KEY: {_HEX32}, datadog_app_key={_HEX40}", (_HEX32, _HEX40)),
    "New Relic": Leak(f"NR{'AK-'}{_WORD36[:27].upper()}", (_WORD36[:27].upper(),)),
    "PagerDuty": Leak(f'{{"routing_key": "{_HEX32}", "event_action": "trigger"}}', (_HEX32,)),
    "a token of the web": Leak(f"verifying {_JWT} failed", (_JWT[30:60],)),
    # --- keys and files
    "a private key": Leak(f"loaded\n{_PEM}\ndone", (_BODY,)),
    "a private key on one line": Leak(_PEM.replace("\n", "\\n"), (_BODY,)),
    "a private key that was cut off": Leak(_PEM[:90], (_BODY[:40],)),
    "a private key of OpenSSH": Leak(_PEM.replace("PRIVATE", "OPENSSH PRIVATE"), (_BODY,)),
    "a private key of PGP": Leak(_PEM.replace("PRIVATE KEY", "PGP PRIVATE KEY BLOCK"), (_BODY,)),
    "a private key of PuTTY": Leak(f"Private-Lines: 2\n{_BODY}\n{_BODY}\nPrivate-MAC: 00", (_BODY,)),
    "a private key as JSON": Leak(f'{{"kty":"EC","crv":"P-256","d":"{_WORD36}"}}', (_WORD36,)),
    "age": Leak("AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE", ("QPZRY9X8GF2T",)),
    ".netrc": Leak("machine api.example.com login ann password hunter2", ("hunter2",)),
    ".netrc on several lines": Leak("machine api.example.com\n  login ann\n  password hunter2\n", ("hunter2",)),
    ".pgpass": Leak("db.internal:5432:orders:ann:hunter2", ("hunter2",)),
    "auths of Docker": Leak(
        f'{{"auths":{{"r.example.com":{{"auth":"{_base64("ann:hunter2")}"}}}}}}', (_base64("ann:hunter2"),)
    ),
    "kubeconfig": Leak(f"    client-key-data: {_base64(_PEM)}\n", (_base64(_PEM)[40:80],)),
    "a token of kubeconfig": Leak("- name: ann\n  user:\n    token: abc123def456\n", ("abc123def456",)),
    "htpasswd": Leak("ann:$2y$05$abcdefghijklmnopqrstuuTbV8QJmYMZ1zJ7Vd6pY3kLx5H1aB2cD", ("uuTbV8QJmYMZ",)),
    "shadow": Leak("ann:$6$saltsalt$Xv4Nb8Rk1Ty6Um3Cs5Ed0Fg2Hj4KXv4Nb8Rk1Ty6Um3Cs5Ed0:19000:0", ("Xv4Nb8Rk1Ty6",)),
    "a hash of Django": Leak("pbkdf2_sha256$600000$abc$Xv4Nb8Rk1Ty6Um3Cs5Ed0Fg2Hj4=", ("Xv4Nb8Rk1Ty6",)),
    # --- money
    "a card": Leak("charging 4111 1111 1111 1111 failed", ("1111 1111",)),
    "a card without blanks": Leak("card 5555555555554444 declined", ("55555555",)),
    "an account": Leak("refund to DE89 3704 0044 0532 0130 00", ("3704 0044",)),
    # --- wrapped
    "in base64": Leak(
        f"payload {_base64('user=ann password=hunter2')} refused", (_base64("user=ann password=hunter2")[8:30],)
    ),
    "in hexadecimal digits": Leak(f"payload {b'password=hunter2'.hex()}", (b"hunter2".hex(),)),
    "in base64 of two bytes a letter": Leak(
        f"-enc {base64.b64encode('connect -Password hunter2'.encode('utf-16le')).decode()}",
        (base64.b64encode("connect -Password hunter2".encode("utf-16le")).decode()[8:40],),
    ),
    "packed": Leak(f"body=H4sIA{_WORD36}", (_WORD36,)),
    "in escapes of Python": Leak(r"b'\x70assword=\x68unter2'", (r"\x68unter2",)),
    "in colours": Leak("\x1b[31mpassword\x1b[0m=\x1b[32mhunter2\x1b[0m", ("hunter2",)),
    "with a letter of no width": Leak("pass\u200bword=hunter2", ("hunter2",)),
    "in wide letters": Leak("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44=hunter2", ("hunter2",)),
    # --- other ways to write a pair
    "a password in columns": Leak("Password:          hunter2", ("hunter2",)),
    "a password in a table": Leak("| password | hunter2x |", ("hunter2x",)),
    "a password behind an arrow": Leak("password -> hunter2x", ("hunter2x",)),
    "a password that was set": Leak("password was set to hunter2x by root", ("hunter2x",)),
    "a password with a quote inside": Leak('password=ab"hunter2', ("hunter2",)),
    "a password with an ampersand": Leak("password=ab&hunter2", ("hunter2",)),
    "a password with a quote of SQL": Leak("SET password = 'ab''hunter2'", ("hunter2",)),
    "a password of pydantic": Leak("Db(user='ann', password=SecretStr('hunter2'))", ("hunter2",)),
    "a password behind a mark": Leak("password=[redacted]hunter2", ("hunter2",)),
    "a password of LDAP": Leak("userPassword:: aHVudGVyMg", ("aHVudGVyMg",)),
    "a password of five levels": Leak(
        json.dumps(json.dumps(json.dumps(json.dumps({"password": "hunter2"})))), ("hunter2",)
    ),
    "keys in a list": Leak("api_keys=['q7Zp2Lw9Xv4N', 'b8Rk1Ty6Um3C']", ("q7Zp2Lw9Xv4N", "b8Rk1Ty6Um3C")),
    "tokens in a list": Leak('"tokens": ["q7Zp2Lw9Xv4N"]', ("q7Zp2Lw9Xv4N",)),
    "credentials in an object": Leak("creds: {'user': 'svc', 'value': 'hunter2x'}", ("hunter2x",)),
    "a key with a blank in its name": Leak(f"Incorrect API key provided: {_WORD36}.", (_WORD36,)),
    "another one": Leak(f"API key {_WORD36} is not valid", (_WORD36,)),
    "a field that pydantic refused": Leak(
        "1 error for Login\napi_key\n  Value error, bad [type=value_error, input_value='hunter2x', input_type=str]",
        ("hunter2x",),
    ),
    "a code by message": Leak("Your verification code is 482913", ("482913",)),
    "a code before its name": Leak("G-482913 is your code", ("482913",)),
    "in German": Leak("Passwort: hunter2", ("hunter2",)),
    "in Russian": Leak("\u043f\u0430\u0440\u043e\u043b\u044c: hunter2", ("hunter2",)),
    "in Chinese": Leak("\u5bc6\u7801\uff1ahunter2", ("hunter2",)),
    # --- databases
    "an inserted row": Leak("INSERT INTO users (name, password) VALUES ('ann', 'hunter2')", ("hunter2",)),
    "parameters of SQLAlchemy": Leak(
        "[SQL: INSERT INTO users (name, password) VALUES (?, ?)]\n[parameters: ('ann', 'hunter2')]", ("hunter2",)
    ),
    "parameters of an update": Leak("UPDATE users SET api_key=%s WHERE id=%s -- ['hunter2x', 1]", ("hunter2x",)),
    "a key of PostgreSQL": Leak("Key (email, api_key)=(x, hunter2x) already exists.", ("hunter2x",)),
    "a key of MySQL": Leak("Duplicate entry 'hunter2x' for key 'users.api_key'", ("hunter2x",)),
    "encoded twice": Leak("next=%252Flogin%253Fpassword%253Dhunter2", ("hunter2",)),
}
