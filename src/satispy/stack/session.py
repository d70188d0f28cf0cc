"""A stack in the foreground of this process: from the checks to the last process gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from satispy.core.errors import ConfigurationError, StackError
from satispy.core.settings import Settings
from satispy.stack.airflow_environment import airflow_password
from satispy.stack.components import components, ports
from satispy.stack.interrupts import Interrupts
from satispy.stack.mlflow import require_mlflow_program
from satispy.stack.ports import require_free
from satispy.stack.state import running
from satispy.stack.supervisor import Supervisor, clean_up_strays
from satispy.stack.tls import check_tls, trust
from satispy.workflows.accounts import Admin, ensure_admin
from satispy.workflows.tracking import check_addresses


def require_startable(
    settings: Settings, say: Callable[[str], None], *, mlflow: bool = False
) -> None:
    """Refuse early, before an account is made or anything is written.

    Raises
    ------
    ConfigurationError
        If the word vectors that the settings name are not there, the address of MLflow or of
        OpenLineage is none, or the API could not show its certificate.
    StackError
        If a stack runs in this home, a port is taken, or a local MLflow is wanted and not there.
    """
    if settings.vectors is not None and not settings.vectors.expanduser().exists():
        raise ConfigurationError(
            "expected word vectors where SATISPY_VECTORS says, but there is no "
            f"{settings.vectors.expanduser().absolute()}. Name a folder of vectors or a word2vec "
            "text file, or unset it: then they are learnt from the reviews."
        )
    if (state := running(settings.paths)) is not None:
        raise StackError(
            f"a stack is running in {settings.paths.home} already (PID {state.pid}). Stop it with "
            "'satispy down' (or Ctrl-C in its terminal), or give this one another SATISPY_HOME "
            "and other ports."
        )
    check_addresses(settings)
    check_tls(settings)
    if mlflow:
        require_mlflow_program()
    clean_up_strays(settings.paths.home, say)
    require_free(settings.host, ports(settings, mlflow=mlflow))


@contextmanager
def running_stack(
    settings: Settings, say: Callable[[str], None], *, mlflow: bool = False
) -> Iterator[Supervisor]:
    """Run the stack while the block runs; call `prepare_admin` before.

    Ctrl-C or SIGTERM raise KeyboardInterrupt in the block.

    Raises
    ------
    StackError
        If it cannot start; also from the block's own calls of `Supervisor.check` and `watch`.
    """
    with Interrupts() as interrupts:
        supervisor = Supervisor(
            settings.paths,
            settings.host,
            components(settings, mlflow=mlflow),
            say=say,
            hurry=interrupts.hurry,
            verify=trust(settings),
        )
        try:
            supervisor.start()
            yield supervisor
        finally:
            interrupts.disarm()
            supervisor.stop()


def prepare_admin(settings: Settings) -> Admin:
    """Make the first admin if there is none, and let our Airflow's have the same password.

    An Airflow that the settings name keeps accounts of its own.
    """
    admin = ensure_admin(settings)
    if settings.airflow_url is None:
        airflow_password(settings.paths, admin.password)
    return admin
