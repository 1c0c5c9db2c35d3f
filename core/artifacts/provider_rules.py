"""The forms in which providers publish their secrets: one rule each (design/trust.md, Redaction).

Every form begins with something that only such a secret begins with, as its provider documents it, so that a match is
certain enough to be taken out of any text. Forms that are nothing but hex digits or a UUID are left to the rules about
keys and places, because harmless digests look the same.
"""

from __future__ import annotations

import re

_W = "[A-Za-z0-9_-]"

PROVIDERS: dict[str, str] = {
    # Clouds and hosts
    "aws_access_key_id": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    "google_api_key": rf"AIza{_W}{{35}}",
    "google_oauth_token": rf"ya29\.{_W}{{20,}}",
    "google_client_secret": rf"GOCSPX-{_W}{{28}}",
    "digitalocean_token": r"do[opr]_v1_[a-f0-9]{64}",
    "heroku_token": rf"HRKU-{_W}{{36,}}",
    "netlify_token": r"nfp_[A-Za-z0-9]{36,}",
    "fly_token": rf"(?:fo1_{_W}{{40,}}|fm[12][ar]?_[A-Za-z0-9+/=_-]{{60,}})",
    "planetscale_secret": r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9=._-]{32,}",
    "supabase_token": r"sb(?:p_[a-f0-9]{40}|_secret_[A-Za-z0-9_-]{20,})",
    "databricks_token": r"dapi[a-f0-9]{32}(?:-[0-9])?",
    "terraform_token": rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{60,}}",
    "vault_token": rf"hv[bsr]\.{_W}{{24,}}",
    "pulumi_token": r"pul-[a-f0-9]{40}",
    "doppler_token": r"dp\.(?:audit|ct|pt|sa|scim|st)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    "onepassword_token": rf"ops_eyJ{_W}{{100,}}",
    "age_secret_key": r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    # Source code and packages
    "github_token": r"gh[opsur]_[A-Za-z0-9]{20,}",
    "github_fine_grained_token": r"github_pat_[A-Za-z0-9_]{20,}",
    "gitlab_token": rf"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-{_W}{{20,}}",
    "atlassian_token": r"AT(?:ATT|CTT|BB)3?[A-Za-z0-9_=-]{24,}",
    "npm_token": r"npm_[A-Za-z0-9]{36}",
    "pypi_token": rf"pypi-{_W}{{50,}}",
    "rubygems_token": r"rubygems_[a-f0-9]{48}",
    "crates_io_token": r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])",
    "dockerhub_token": rf"dckr_(?:pat|oat)_{_W}{{27,}}",
    "postman_key": r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
    "linear_key": r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}",
    "notion_token": r"(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})",
    "figma_token": rf"fig[dour]_{_W}{{30,}}",
    "airtable_token": r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
    # Models
    "anthropic_key": rf"sk-ant-{_W}{{20,}}",
    "openai_key": rf"sk-{_W}{{20,}}",
    "huggingface_token": r"(?:hf_|api_org_)[A-Za-z0-9]{30,}",
    "groq_key": r"gsk_[A-Za-z0-9]{48,}",
    "xai_key": r"xai-[A-Za-z0-9]{60,}",
    "replicate_token": r"r8_[A-Za-z0-9]{37}",
    "perplexity_key": r"pplx-[A-Za-z0-9]{40,}",
    # Money
    "stripe_key": r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",
    "stripe_webhook_secret": r"whsec_[A-Za-z0-9+/=]{24,}",
    "square_token": rf"sq0(?:atp|csp)-{_W}{{22,}}",
    "shopify_token": r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    "paypal_token": r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
    # Messages
    "slack_token": r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "slack_app_token": r"xapp-[0-9]-[A-Za-z0-9-]{20,}",
    "slack_webhook": r"hooks\.slack\.com/(?:services|triggers|workflows)/[A-Za-z0-9/_-]{20,}",
    "discord_webhook": rf"discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/{_W}{{60,}}",
    "telegram_token": rf"[0-9]{{8,10}}:AA{_W}{{33}}",
    "sendgrid_key": rf"SG\.{_W}{{16,}}\.{_W}{{16,}}",
    "twilio_key": r"SK[a-f0-9]{32}(?![A-Za-z0-9])",
    "mailgun_key": r"key-[a-f0-9]{32}(?![A-Za-z0-9])",
    "mailchimp_key": r"[a-f0-9]{32}-us[0-9]{1,2}(?![A-Za-z0-9])",
    # Watching
    "newrelic_key": r"NRAK-[A-Z0-9]{27}",
    "grafana_token": r"gl(?:sa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}|c_[A-Za-z0-9+/]{32,}={0,2})",
    "sentry_token": r"sntry(?:s_[A-Za-z0-9+/=_-]{40,}|u_[a-f0-9]{64})",
}
"""Regular expressions by rule id; of several that match at a place the first counts."""

HINTS = (
    *("AKIA", "ASIA", "ABIA", "ACCA", "AIza", "ya29.", "GOCSPX-", "_v1_", "HRKU-", "nfp_", "fo1_", "fm1", "fm2"),
    *("pscale_", "sbp_", "sb_secret_", "dapi", ".atlasv1.", "hvb.", "hvr.", "hvs.", "pul-", "dp.", "ops_eyJ"),
    *("AGE-SECRET-KEY-1", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "gl", "ATATT", "ATCTT", "ATBB"),
    *("npm_", "pypi-", "rubygems_", "cio", "dckr_", "PMAK-", "lin_", "ntn_", "secret_", "fig", "pat", "sk-", "hf_"),
    *("api_org_", "gsk_", "xai-", "r8_", "pplx-", "_live_", "_test_", "whsec_", "sq0", "shp", "access_token$", "xox"),
    *("xapp-", "hooks.slack.com", "/api/webhooks/", ":AA", "SG.", "SK", "key-", "-us", "NRAK-", "sntry"),
)
"""Of these at least one is in every text in which a form matches: looking for them is twenty times as fast."""

# A boundary on the left alone: what follows a token is often glued to it.
PATTERN = re.compile("(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{name}>{form})" for name, form in PROVIDERS.items()) + ")")
"""All of them at once; the name of the group that matched is the rule."""

DISCORD = re.compile(rf"(?<![A-Za-z0-9])[MNO]{_W}{{23,27}}\.{_W}{{6}}\.{_W}{{27,40}}")
"""A form that begins with nothing of its own, but for its dots."""
