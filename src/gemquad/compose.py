"""Write params.yaml from conf/, in the same way and with the same text as `dvc exp run` does."""

from pathlib import Path

from gemquad.errors import UserError


def compose(root: Path, overrides: list[str], target: Path | None = None) -> Path:
    """Compose `conf/config.yaml` under `root` with Hydra `overrides` into `target` (default: `root/params.yaml`).

    Raises:
        UserError: an override names no setting, or has a value that cannot be parsed.
    """
    from dvc.utils.hydra import compose_and_dump
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    target = target or root / "params.yaml"
    try:
        compose_and_dump(
            target,
            str((root / "conf").resolve()),
            None,
            "config",
            str((root / "src").resolve()),
            overrides,
        )
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"cannot compose params.yaml: {reason}. The settings are in conf/.") from error
    return target
