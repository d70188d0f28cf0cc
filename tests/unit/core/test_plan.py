import re

import pytest

from satispy.core.errors import ConfigurationError
from satispy.core.plan import PACKAGED, load_plan


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("seed: 20", "sead: 20", r"seed: Field required.*sead: Extra inputs"),
        ("dimensions: 100", "dimensions: none", r"vectors\.dimensions.*received 'none'"),
        ("window: 100", "window: 0", r"vectors\.window: .*greater than or equal to 1"),
        ("seed: 20", "seed: [", "expected a YAML plan"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_with_its_place(tmp_path, before, after, message):
    plan = tmp_path / "plan.yaml"
    plan.write_text(PACKAGED.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        load_plan(plan)


def test_a_missing_plan_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="expected a YAML plan in"):
        load_plan(tmp_path / "plan.yaml")


def test_the_packaged_plan_is_read():
    plan = load_plan()
    assert plan.seed == 20
    assert plan.vectors.dimensions == 100
    assert {"gbc", "svm", "ann"} <= set(plan.families)


def test_a_plan_cannot_be_changed_in_memory():
    with pytest.raises(ValueError, match="frozen"):
        load_plan().seed = 3


def test_each_setting_of_the_vectors_says_why():
    for name in type(load_plan().vectors).model_fields:
        assert re.search(rf"^  {name}: \S+ # \S", PACKAGED.read_text(encoding="utf-8"), re.M)
