"""The product of the tour, ended as a person ends it; the files before look at it while it runs."""

import psutil

from satispy.stack.component import MARK
from satispy.stack.processes import marked


def test_ctrl_c_stops_everything_and_leaves_no_process_behind(product):
    assert marked(product.home)
    assert product.stop() == 0
    assert marked(product.home) == []
    assert all(
        process.info["environ"].get(MARK) != str(product.home)
        for process in psutil.process_iter(["environ"])
        if process.info["environ"]
    )
