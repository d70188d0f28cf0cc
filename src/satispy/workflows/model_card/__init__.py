"""The model card of a run, after Mitchell et al. 2019, "Model Cards for Model Reporting".

::

    metrics, training, reviews ─► facts ─► card.json ─► sections ─┬► as_markdown ─► card.md
                                           (schema)     results   └► as_html ─► card.html
                                                                     (figures, card.css)

What a card knows stands in ``card.json``; both texts are made from it, by the same sentences.
Its sentences stand in ``locale/en.toml``. With those of ``fr.toml`` the same facts become
``card.fr.html``.
"""
