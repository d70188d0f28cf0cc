"""E-mail addresses, phone numbers and order numbers in comments, replaced by what they were."""

from typing import Final

import polars as pl

# The engine (Rust regex) knows no look-around, so two rules keep the masking idempotent: a mask
# takes all digits that follow it, so that what stands behind a mask never changes its meaning; and
# what a pattern asks for on its left is kept by group 1 or is no more than "no digit". Boundaries
# and digits are ASCII: a Unicode boundary leaves the fast engine at the first accent.

_SPACE: Final = r"[ \x{a0}\x{202f}]"
_NO_DIGIT: Final = r"(^|[^0-9])"

_LOCAL: Final = r"[\p{L}0-9._%+\-]+"
_TOP: Final = r"(?:com|fr|net|org|eu|info|be|ch|lu|ca|de|es|it|pt|uk|io|re|ma|dz|tn)"
# Spaces around the @ are common in collected reviews, but so is "@ mail.je ne sais pas".
_EMAIL: Final = (
    rf"{_LOCAL}(?:@(?:[\p{{L}}0-9\-]+\.)+\p{{L}}{{2,}}"
    rf"| ?@ ?(?:[\p{{L}}0-9\-]+\.)+(?i:{_TOP})(?-u:\b))"
)

_BETWEEN: Final = r"[ \x{a0}\x{202f}.\-–/]{0,3}"
_COUNTRY: Final = (
    rf"(?:33\)?{_BETWEEN}(?:\({_SPACE}?0{_SPACE}?\))?{_BETWEEN}0?(?:{_BETWEEN}[0-9]){{9}}"
    rf"|(?:32|34|41|212|213|262|269|351|352|590|594|596|687|689)\)?(?:{_BETWEEN}[0-9]){{9}}"
    rf"|(?:1|39|44)\)?{_BETWEEN}(?:\(0?\))?(?:[ \x{{a0}}\x{{202f}}.\-()]{{0,3}}[0-9]){{10}}"
    r"|[1-9]\)?(?:[ \x{a0}\x{202f}.()]{0,2}[0-9]){8,12})"
)
_INTERNATIONAL: Final = rf"(?:\(?\+|{_NO_DIGIT}00){_SPACE}?{_COUNTRY}[0-9]*"

_GROUPED: Final = "|".join(
    rf"(?:{_SPACE}?{separator}{_SPACE}?[0-9]{{2}}){{4}}" for separator in (r"\.", "[-–]", "/")
)
_FRENCH: Final = (
    rf"{_NO_DIGIT}(?:\(0\){_SPACE}?[1-9]|0{_SPACE}?[1-9])"
    rf"(?:[0-9]{{8}}|(?:{_SPACE}{{1,2}}[0-9]{{2}}){{4}}|{_GROUPED}"
    rf"|[0-9]{{2}}(?:{_SPACE}[0-9]{{2}}){{3}}"  # 0612 34 56 78
    rf"|(?:{_SPACE}?[0-9]{{2}}){_SPACE}[0-9]{{3}}{_SPACE}[0-9]{{3}}"  # 06 12 345 678, 0 800 ...
    rf"|(?:{_SPACE}[0-9]{{4}}){{2}})"  # 06 1234 5678
    r"[0-9]*"
)

_THING: Final = (
    r"(?:commande|cde|cmd|facture|colis|suivi|dossier|ticket|client|livraison|r[ée]servation"
    r"|retour|exp[ée]dition|contrat|tracking)s?"
)
_PAUSE: Final = r"[ \x{a0}\x{202f}:.,=#(°'’]{0,4}"
_MARK: Final = r"(?:n ?[°º]|#|(?:n|no|nr|num|num[ée]ros?|r[ée]f|r[ée]f[ée]rence)(?-u:\b))"
_FILLER: Final = rf"(?:(?:(?:est|le|la|les|bien)(?-u:\b)|{_MARK}){_PAUSE}){{0,3}}"
_LETTERS: Final = r"[a-z]{1,5}[\-_]?"
_NUMBERED: Final = (
    rf"(?i)((?:{_THING}{_PAUSE}{_MARK}|(?:n ?[°º]|num[ée]ros?|num){_SPACE}?"
    rf"(?:(?:de|du|d|la|le|ma|mon|votre|sa|son) ?['’]?{_SPACE}?){{0,2}}{_THING}){_PAUSE}{_FILLER})"
    rf"(?:(?:{_LETTERS})?[0-9]{{4,}}(?:[\-_/][0-9]{{2,}})*"
    r"|(?:[a-z]{1,5}[0-9]|[0-9]{1,9}[a-z])[a-z0-9]{0,20}[0-9]{2})"
    r"[0-9]*"
)
_NAMED: Final = (
    rf"(?i)({_THING}{_PAUSE}{_FILLER})"
    rf"(?:[0-9]{{6,}}|{_LETTERS}[0-9]{{5,}}|[a-z]{{1,5}}(?:[\-_][0-9]{{2,}}){{2,}})[0-9]*"
)
_PARCEL: Final = (
    r"(?-u:\b)(?i:[a-z]{2}[0-9]{9}[a-z]{2})(?-u:\b)"  # UPU S10: LM123456789FR
    r"|(?-u:\b)(?i:1z[0-9a-z]{6})[0-9]{10,}"  # UPS
    r"|(?-u:\b)[0-9][a-zA-Z](?: ?[0-9]){11}[0-9]*"  # Colissimo: 6A 123 456 789 01
    r"|(?:(?-u:\b)[0-9]{0,2}[a-zA-Z]{1,2})?[0-9]{11,}"
)
_BARE: Final = (
    r"(?:(?-u:\b)[0-9]{0,2}[a-zA-Z]{1,2})?[0-9]{8,}"
    r"|[0-9]{3,}-[0-9]{6,}(?:-[0-9]+)*"
    rf"|(?-u:\b)[0-9]{{3}}(?:(?:{_SPACE}[0-9]{{3,}}){{2,}}|(?:[.\-][0-9]{{3,}}){{2,}})"
    rf"|(?-u:\b)(?:1[0-8]|2[1-9]|[03-9][0-9])[0-9]{{2}}(?:[ \-][0-9]{{4,}}){{2,}}"  # no years
)
_WORTH_A_LOOK: Final = r"@|[0-9](?:[^0-9]{0,20}[0-9]){2}"

_STEPS: Final = (  # what a text must contain to be looked at, what is replaced, and by what
    ("@", _EMAIL, "[email]"),
    (r"\+|00", _INTERNATIONAL, "${1}[téléphone]"),
    # before the French numbers: a parcel may have a 0 within
    ("[0-9](?: ?[0-9]){8}", _PARCEL, "[commande]"),
    (r"0[^0-9]{0,3}[1-9]", _FRENCH, "${1}[téléphone]"),
    ("[0-9]{2}", _NUMBERED, "${1}[commande]"),
    ("[0-9]{5}|[-_][0-9]{2,}[-_]", _NAMED, "${1}[commande]"),
    ("[0-9]{3}[^0-9]?[0-9]{3}", _BARE, "[commande]"),
)


def mask_personal_data(texts: pl.Series) -> pl.Series:
    """Replace e-mail addresses, phone numbers and order numbers by their kind.

    They become ``[email]``, ``[téléphone]`` and ``[commande]``; the words before a number
    ("commande n°") stay. Masking what is masked changes nothing.

    Parameters
    ----------
    texts : Series of String
        Comments; null stays null.

    Returns
    -------
    Series of String
        Of the same name and length.

    Notes
    -----
    This is pattern matching, no proof of anonymity. Its known limits:

    - names, postal addresses and bank accounts are not looked for;
    - an address without ``@`` ("jean arobase exemple point fr"), or with several spaces around
      it, stays; a number in words stays;
    - a French phone number that mixes separators ("06.12.34 56 78") stays, and so does an order
      number of less than 6 digits without "n°", or of less than 4 with it;
    - whatever has 8 digits in a row is taken for an order number: also an article number, a
      date written 20240312, a phone number written 33612345678; so are three or more groups of
      three digits ("100 200 300") and of four, unless they begin like a year;
    - a number glued to an order number, or a lone digit behind an international phone number,
      may disappear with it.
    """
    worth = texts.str.contains(_WORTH_A_LOOK).fill_null(False)
    masked = texts.filter(worth)
    for sign, pattern, replacement in _STEPS:
        bears = masked.str.contains(sign)
        replaced = masked.filter(bears).str.replace_all(pattern, replacement)
        masked = masked.scatter(bears.arg_true(), replaced)
    return texts.clone().scatter(worth.arg_true(), masked)  # scatter writes in place
