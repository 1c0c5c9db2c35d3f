"""Where `tests/data/redaction/labelled.jsonl` comes from: made-up secrets of every form, and what only looks like one.

Run it to write the file anew: `python -m tests.artifacts.labelled_source`. Nothing in it was ever a real secret. Every
line has its text in pieces, so that scanners of this repository do not take them for real ones, and of a secret the
place from where to where it stands; `key` is that of the object's entry which holds the text.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "redaction" / "labelled.jsonl"

ALNUM = string.ascii_letters + string.digits
SETS = {
    "A": ALNUM,
    "W": ALNUM + "_-",
    "h": "0123456789abcdef",
    "U": string.ascii_uppercase + string.digits,
    "9": string.digits,
}

# What providers publish: literal pieces and `SET COUNT` pieces.
PROVIDERS = {
    "aws_access_key_id": ["AKIA", "U16"], "google_api_key": ["AIza", "W35"], "google_oauth_token": ["ya29.", "W60"],
    "google_client_secret": ["GOCSPX-", "W28"], "digitalocean_token": ["dop_v1_", "h64"],
    "heroku_token": ["HRKU-", "W60"], "netlify_token": ["nfp_", "A36"], "fly_token": ["fo1_", "W43"],
    "planetscale_secret": ["pscale_tkn_", "A43"], "supabase_token": ["sbp_", "h40"],
    "databricks_token": ["dapi", "h32"], "terraform_token": ["A14", ".atlasv1.", "A67"],
    "vault_token": ["hvs.", "A90"], "pulumi_token": ["pul-", "h40"], "doppler_token": ["dp.pt.", "A43"],
    "onepassword_token": ["ops_eyJ", "A150"], "age_secret_key": ["AGE-SECRET-KEY-1", "U58"],
    "github_token": ["ghp_", "A36"], "github_fine_grained_token": ["github_pat_", "A22", "_", "A59"],
    "gitlab_token": ["glpat-", "W20"], "atlassian_token": ["ATATT3", "A180"], "npm_token": ["npm_", "A36"],
    "pypi_token": ["pypi-AgEIcHlwaS5vcmc", "W100"], "rubygems_token": ["rubygems_", "h48"],
    "crates_io_token": ["cio", "A32"], "dockerhub_token": ["dckr_pat_", "W27"],
    "postman_key": ["PMAK-", "h24", "-", "h34"], "linear_key": ["lin_api_", "A40"], "notion_token": ["ntn_", "A46"],
    "figma_token": ["figd_", "W40"], "airtable_token": ["pat", "A14", ".", "h64"],
    "anthropic_key": ["sk-ant-api03-", "W93"], "openai_key": ["sk-proj-", "A48"], "huggingface_token": ["hf_", "A34"],
    "groq_key": ["gsk_", "A52"], "xai_key": ["xai-", "A80"], "replicate_token": ["r8_", "A37"],
    "perplexity_key": ["pplx-", "A48"], "stripe_key": ["sk_live_", "A24"], "stripe_webhook_secret": ["whsec_", "A32"],
    "square_token": ["sq0csp-", "W43"], "shopify_token": ["shpat_", "h32"],
    "paypal_token": ["access_token$production$", "h16", "$", "h32"],
    "slack_token": ["xoxb-", "912", "-", "912", "-", "A24"],
    "slack_app_token": ["xapp-1-", "U11", "-", "913", "-", "h64"],
    "slack_webhook": ["hooks.slack.com/services/T", "U8", "/B", "U8", "/", "A24"],
    "discord_webhook": ["discord.com/api/webhooks/", "918", "/", "W68"],
    "discord_token": ["M", "A25", ".", "A6", ".", "W38"], "telegram_token": ["99", ":AA", "W33"],
    "sendgrid_key": ["SG.", "W22", ".", "W43"], "twilio_key": ["SK", "h32"], "mailgun_key": ["key-", "h32"],
    "mailchimp_key": ["h32", "-us14"], "newrelic_key": ["NRAK-", "U27"], "grafana_token": ["glsa_", "A32", "_", "h8"],
    "sentry_token": ["sntryu_", "h64"],
}  # fmt: skip

AROUND = (
    ("", ""), ("deploy with ", " and try again"), ("curl -H 'X-Key: ", "' https://api.example.com/v1"),
    ('{"id": 7, "value": "', '"}'), ("line 3: using ", "."),
)  # fmt: skip


def made(pieces: list[str], rng: random.Random) -> str:
    """A secret of a form; a piece such as `A36` is 36 random characters of a set."""
    out = []
    for piece in pieces:
        if piece == "99":
            out.append(str(rng.randrange(10**9, 10**10)))
        elif piece[0] in SETS and piece[1:].isdigit():
            out.append("".join(rng.choice(SETS[piece[0]]) for _ in range(int(piece[1:]))))
        else:
            out.append(piece)
    return "".join(out)


def password(rng: random.Random) -> str:
    return "".join(rng.choice(ALNUM + "!#%*") for _ in range(rng.randrange(8, 20))) + "7q"


def placed(rng: random.Random) -> Iterator[tuple[str, str, str, str, str | None]]:
    """Kind, what stands before, the secret, what stands after, and the key: secrets that a place gives away."""
    word = lambda n=40: made([f"A{n}"], rng)  # noqa: E731
    for index in range(6):
        secret = password(rng)
        yield (
            "url_password",
            "postgres://app:",
            secret.replace("#", "x").replace("!", "y"),
            f"@db-{index}.example.com:5432/main",
            None,
        )
        yield "authorization_header", "Authorization: Bearer ", word(), "\r\nAccept: */*", None
        yield "basic_header", "authorization: Basic ", base64.b64encode(f"user:{secret}".encode()).decode(), "", None
        yield "quoted_value", '{"db_password": "', secret, '", "port": 5432}', None
        yield "quoted_value", "client_secret='", secret, "'", None
        yield "environment_line", "export CI_DEPLOY_TOKEN=", word(24), "\nmake deploy", None
        yield "query_parameter", "GET /v2/items?page=2&access_token=", word(32), "&sort=asc", None
        yield "connection_string", "Server=db;User=sa;Password=", secret.replace("#", "x"), ";Encrypt=true", None
        yield "command_option", "deploy --region eu --api-key=", word(20), " --yes", None
        yield "command_option", "mysql --password ", "p4ss" + word(9), " -h db", None
        yield "cookie_header", "Set-Cookie: session=", word(32), "; HttpOnly", None
        head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
        body = base64.urlsafe_b64encode(f'{{"sub":"{index}"}}'.encode()).decode().rstrip("=")
        yield "json_web_token", "id token ", f"{head}.{body}.{word(43)}", " expires soon", None
        kind = ("RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED ", "DSA ")[index]
        lines = "\n".join(word(64) for _ in range(3))
        yield (
            "private_key",
            "key file:\n",
            f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----",
            "\n",
            None,
        )
        for key in (
            "password",
            "api_key",
            "clientSecret",
            "Authorization",
            "x-api-key",
            "aws_secret_access_key",
            "privateKey",
        ):
            yield "under_key", "", secret if index % 2 else word(16), "", key
        # Nothing but the sense of the words tells these from harmless ones; they are here to be counted as missed.
        yield "in_prose", "the new password is ", secret, ", please change it", None
        yield "bare_hex", "datadog ", made(["h32"], rng), " rotated", None


def harmless(rng: random.Random) -> Iterator[tuple[str, str, str | None]]:
    """Kind, text and key of what is no secret."""
    for index in range(8):
        digits, name = made(["h40"], rng), rng.choice(["billing", "search", "mailer", "release"])
        yield "commit", f"checked out {digits} on main", None
        yield "commit", digits, None
        yield "image_digest", f"ghcr.io/acme/{name}@sha256:{made(['h64'], rng)}", None
        yield "uuid", f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}", None
        yield "link", f"https://{name}.example.com:8443/pulls/{index}?tab=files#diff", None
        yield "email", f"{name}.{index}@example.com wrote to ops@example.com", None
        yield "path", f"/srv/{name}/releases/2026-10-0{index + 1}/config/settings.production.yaml", None
        yield "sentence", f"the token for {name} is missing, ask for a secret and set the password", None
        yield "sentence", f"password: required, token: optional, api key: see the {name} page", None
        yield "code", f"const token = await getToken(config.{name}); // Authorization: see docs", None
        yield "code", f'PASSWORD=$DB_PASSWORD ./{name}.sh --token "$TOKEN" --dry-run', None
        yield (
            "log",
            f"2026-10-01T10:00:0{index}Z INFO {name} input_tokens=18{index}4 cached_tokens=0 total=18{index}4",
            None,
        )
        yield "data_uri", "data:image/png;base64," + base64.b64encode(rng.randbytes(60)).decode(), None
        yield "certificate", "-----BEGIN CERTIFICATE-----\n" + base64.b64encode(rng.randbytes(90)).decode(), None
        yield "package", f"{name}-service-client-{index}.12.0-py3-none-any.whl", None
        yield "identifier", f"task-runner-{name}-worker-{index}-eu-west-1", None
        yield "checksum", f"integrity sha512-{base64.b64encode(rng.randbytes(64)).decode()}", None
        yield "header", f"Content-Type: application/json\nX-Request-Id: {digits[:16]}", None
        yield (
            "under_key",
            f"{name} team",
            ("author", "monkey", "path", "keyboard", "passed", "authority", "key", "bearing")[index],
        )
        yield "german", f"Das Passwort für {name} wurde zurückgesetzt", None
        # The specification's minimum takes these out although they are harmless; a workspace's exceptions keep them.
        yield "minimum_long_text", made(["h64"], rng), None
        yield "minimum_key", str(100 + index), ("max_tokens", "token_count")[index % 2]


def split(text: str, rng: random.Random) -> list[str]:
    """A text in pieces of at most eight characters."""
    pieces, at = [], 0
    while at < len(text):
        size = rng.randrange(3, 9)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def lines() -> Iterator[str]:
    """The lines of the file."""
    rng = random.Random(20261101)

    def line(kind: str, text: str, secret: tuple[int, int] | None, key: str | None) -> str:
        value = {"kind": kind, "secret": secret, "key": key, "text": split(text, rng)}
        return json.dumps(value, ensure_ascii=False)

    for kind, pieces in PROVIDERS.items():
        for before, after in AROUND:
            secret = made(pieces, rng)
            yield line(kind, before + secret + after, (len(before), len(before) + len(secret)), None)
    for kind, before, secret, after, key in placed(rng):
        yield line(kind, before + secret + after, (len(before), len(before) + len(secret)), key)
    for kind, text, key in harmless(rng):
        yield line(kind, text, None, key)


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
