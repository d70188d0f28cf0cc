"""A small Wikipedia dump: articles with links and templates, redirects, talk pages."""

import bz2
from pathlib import Path
from xml.sax.saxutils import escape

HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" '
    'xml:lang="fr" other="x">\n<siteinfo><sitename>Wikipédia</sitename></siteinfo>\n'
)
TOPICS = ["Livraison", "Colis", "Remboursement", "Service client", "Qualité"]
BODY = """'''{title}''' est un mot de la vente à distance, où l'[[acheteur]] attend son
[[Colis|paquet]]. La [[Livraison]] rapide du [[Colis]] rassure ; un [[Remboursement]] tardif ne
rassure jamais personne.
{{{{Infobox|nom={title}}}}}<ref>Source cachée {number}</ref>

== Histoire ==
Le [[Service client]] répond vite, la [[Qualité]] de la livraison déçoit ou enchante l’acheteur.
[[Catégorie:Commerce]] [[Fichier:Image.png|thumb|légende]]
"""


def page(title, text, space=0, redirect=None):
    """Return one page as MediaWiki exports it."""
    to = f'<redirect title="{escape(redirect)}" />' if redirect else ""
    return (
        f"<page><title>{escape(title)}</title><ns>{space}</ns><id>1</id>{to}"
        f'<revision><id>2</id><text xml:space="preserve">{escape(text)}</text></revision></page>\n'
    )


def dump_text(articles=40):
    """Return a dump: so many articles, two redirects, a talk page."""
    names = [*TOPICS, *(f"Article {number}" for number in range(articles - len(TOPICS)))]
    pages = [page(name, BODY.format(title=name, number=n)) for n, name in enumerate(names)]
    return "".join(
        [
            HEAD,
            page("Paquet", "#REDIRECTION [[Colis]]", redirect="Colis"),
            *pages,
            page("Avoir", "#REDIRECTION [[Remboursement]]", redirect="Remboursement"),
            page("Discussion:Colis", "Bavardage bavardage bavardage bavardage bavardage", space=1),
            "</mediawiki>\n",
        ]
    )


def write_dump(path: Path, text: str | None = None) -> Path:
    """Write a dump, compressed if its name says so."""
    content = (dump_text() if text is None else text).encode()
    path.write_bytes(bz2.compress(content) if path.suffix == ".bz2" else content)
    return path
