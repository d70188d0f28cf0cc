"""How models and vectors are trained: the packaged ``plan.yaml``, typed."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from satispy.core.errors import ConfigurationError
from satispy.core.types import METRICS
from satispy.core.validation import explain

PACKAGED = Path(__file__).with_name("plan.yaml")


class VectorPlan(BaseModel):
    """How wikipedia2vec learns word vectors from the reviews."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dimensions: int = Field(ge=2, description="Numbers per word.")
    iterations: int = Field(ge=1, description="Passes over all reviews.")
    window: int = Field(ge=1, description="Largest distance of two words that count as close.")
    min_word_count: int = Field(ge=1, description="Rarer words get no vector.")
    min_paragraph_length: int = Field(ge=1, description="Shorter reviews, in words, are left out.")
    sample: float = Field(gt=0, description="Threshold above which frequent words are thinned out.")
    negative: int = Field(ge=1, description="Words drawn against each true neighbour.")
    negative_table: int = Field(ge=1000, description="Entries of the table they are drawn from.")
    initial_rate: float = Field(gt=0, description="Learning rate at the start.")
    final_rate: float = Field(gt=0, description="Learning rate at the end.")


class DumpPlan(VectorPlan):
    """How wikipedia2vec learns word vectors from a Wikipedia dump, links and mentions included."""

    min_entity_count: int = Field(ge=1, description="Articles with fewer links to them are left.")
    entities_per_page: int = Field(ge=0, description="Linked articles trained with each page.")
    min_link_probability: float = Field(
        ge=0, le=1, description="A name that is a link in a smaller share of its places is no name."
    )
    min_prior_probability: float = Field(
        ge=0, le=1, description="An article that a name means in a smaller share of its links goes."
    )
    max_mention_length: int = Field(ge=1, description="Characters that a name may have.")


class BehaviourPlan(BaseModel):
    """Share of the questions of each kind that a model must answer as expected."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    functionality: float = Field(ge=0, le=1, description="Simple reviews, answered right.")
    punctuation: float = Field(ge=0, le=1, description="Other punctuation, the same answer.")
    case: float = Field(ge=0, le=1, description="Other capitals, the same answer.")


class GatePlan(BaseModel):
    """What a model must show before it serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(description="Whether the gate decides; if not, every model is promoted.")
    floors: dict[str, float] = Field(description="Scores that a model must be above.")
    margin: float = Field(
        gt=0, lt=1, description="How far below the serving model a newer one may be, at worst."
    )
    power: float = Field(
        gt=0.5,
        lt=1,
        description="How likely a model as good as the serving one must be to pass; a small exam "
        "widens the margin until it is.",
    )
    slice_margin: float = Field(ge=0, lt=1, description="The same within a slice.")
    slice_error: float = Field(
        gt=0, lt=1, description="How likely a model that is nowhere worse may be held by a slice."
    )
    calibration_error: float = Field(
        gt=0, le=1, description="How far probabilities may be from what happens, in the mean."
    )
    accuracy_ratio: float = Field(
        ge=0, le=1, description="Lowest accuracy of a group, as a share of the highest one."
    )
    latency_ms: float = Field(gt=0, description="Milliseconds that one text may take, median.")
    behaviour: BehaviourPlan = Field(description="Questions that a model must answer as expected.")

    @field_validator("floors")
    @classmethod
    def _known_scores(cls, floors: dict[str, float]) -> dict[str, float]:
        for name, floor in floors.items():
            if name not in (*METRICS, "macro_f1") or not 0 <= floor < 1:
                known = ", ".join((*METRICS, "macro_f1"))
                raise ValueError(
                    f"expected floors from 0 to 1 for {known}, but received {name}: {floor}"
                )
        return floors


class Plan(BaseModel):
    """Seed, vectors, gate and families; a family validates its own hyper-parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0, lt=2**31, description="Seed of all training.")
    vectors: VectorPlan = Field(description="Training of the word vectors.")
    vectors_from_dump: DumpPlan = Field(description="Training of word vectors from a dump.")
    renew_vectors_below: float = Field(
        ge=0,
        le=1,
        description="New vectors are learnt where those in use know a smaller share of the words "
        "that new ones would know.",
    )
    gate: GatePlan = Field(description="What a model must show before it serves.")
    families: dict[str, dict[str, Any]] = Field(description="Hyper-parameters by family.")


def load_plan(path: Path | None = None) -> Plan:
    """Read the plan.

    Parameters
    ----------
    path
        A YAML file; the packaged one by default.

    Returns
    -------
    Plan
        Frozen.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, is no YAML, or has unknown, missing or impossible entries.
    """
    source = path or PACKAGED
    try:
        return Plan.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"expected a YAML plan in {source}, but: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"plan {source}: {explain(error)}") from error
