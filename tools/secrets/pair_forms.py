"""Expressions for a value behind a name: what separates the two, and how the value is quoted, listed or ended."""

import re

SEPARATOR = re.compile(
    r"\\{0,31}[\"'`]?(?:\]|\)(?==\())?[ \t]{0,40}(?P<sign>:=|=>|==|::(?=[ \t])|[=:\uff1a\uff1d]|%3[dDaA]|\\u003[dDaA]|&#6[1];)(?!=)[ \t]{0,40}"
    r"(?P<block>[|>][+-]?[ \t]*)?(?P<line>\\?\r?\n[ \t]*)?"
    r"|(?P<tag>>)"
    r"|[\"'][ \t]+value[ \t]*=[ \t]*(?=[\"'])"
    r"|\\{0,31}[\"'],[ \t]*\\{0,31}[\"'][vV]alue\\{0,31}[\"'][ \t]*:[ \t]*"
    r"|\r?\n[ \t]+[^\n]{0,200}?\[type=\w{1,60}, input_value=(?=[\"'])"
    r"|[\"']?\r?\n[ \t]+value:[ \t]*"
    r"|(?P<comma>[\"'],[ \t]*(?=[\"']))"
    r"|(?P<blank>[ \t]+(?:(?:for|of)[ \t]+\S{1,40}[ \t]+)?(?:(?:is|was|now|set|changed|from|to|provided|given|->|[→|│┃]):?[ \t]+){0,3})"
)
QUOTE = re.compile(r"(?P<prefix>[brfuBRFU]{0,2})(?P<quote>\"\"\"|'''|\\{1,31}[\"']|[\"'`])")
BARE = re.compile(r"[^\s\"'`<>]*")
GLUED = re.compile(r"(?:[^\s\"'`<>](?:[\"'`<>](?=\w))?)*")
"""Outside of source text a quote that a letter follows closes nothing."""
LIST = re.compile(r"(?:\w{1,40}(?=\())?[\[{(]{1,3}[ \t\r\n]{0,40}(?=[\\\"'])")
MARKS = re.compile(r"\\{0,31}[\"']|[\[\](){}]")
DOUBLED = re.compile(r"''(?=\w)")
"""A quote as SQL writes it."""
LINE = re.compile(r"\n|[\"']|\\[nr]")
NEXT = re.compile(
    r"(?:&(?:amp;)?|%26)(?=$|[\w.\[\]%-]{0,60}(?:=|%3[dD]|&))|&(?:quot|apos|lt|gt|#\w{1,5});|\\u0026|\\[nrt\"']|[;,](?=$|[\w.\[-]{1,60}\s*[=:])"
)
LITERAL = re.compile(r"[\w+/=.~-]+", re.ASCII)
DOTTED = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
SCHEME = re.compile(
    r"(?:Basic|Bearer|Token|Digest|ApiKey|Negotiate|NTLM|AWS4-HMAC-SHA256|Hawk|OAuth|SharedKey)\s+", re.IGNORECASE
)
NUMBER = re.compile(r"[\d.,:-]+|\W+|[A-Z]{2,10}-\d{1,7}")
