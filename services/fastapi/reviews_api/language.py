"""English or French, as the sender prefers (RFC 9110, Accept-Language)."""


def prefers_french(header: str) -> bool:
    """Tell whether French is wanted more than English; what cannot be read counts for nothing."""
    weights = {"fr": 0.0, "en": 0.0, "*": 0.0}
    for part in header[:500].split(","):
        name, _, parameter = part.strip().partition(";")
        language = name.strip().lower().split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameter))
    return weights["fr"] > max(weights["en"], weights["*"])


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
