"""Rules of a migration file that bind its two arms and this host's configuration."""

from __future__ import annotations

from collections.abc import Iterator

from control.files.config import Config, Model
from control.files.models_file import Status
from control.files.plan_file import MigrationSheet
from control.files.problems import Problem, suggestion
from control.files.written import Written

ARMS = ("baseline", "candidate")


def problems(sheet: MigrationSheet, file: Written, config: Config | None) -> Iterator[Problem]:
    """Every broken rule, and warnings; without a configuration only what the file says itself."""
    said = file.value if isinstance(file.value, dict) else {}
    if any(said.get(arm) != getattr(sheet, arm) for arm in ARMS):
        return  # an arm that could not be read is a problem already
    if sheet.baseline == sheet.candidate and sheet.baseline_edits == sheet.candidate_edits:
        yield file.warning(("candidate",), "is the same as the baseline, edits and all")
    if config is not None:
        yield from _models(sheet, file, config)


def _models(sheet: MigrationSheet, file: Written, config: Config) -> Iterator[Problem]:
    unknown = [arm for arm in ARMS if getattr(sheet, arm) not in config.models]
    for arm in unknown:
        hint = suggestion(getattr(sheet, arm), config.models) or "add it to models"
        yield file.problem((arm,), "is not one of the models in crossfade.yaml", hint)
    if unknown:
        return
    baseline, candidate = config.models[sheet.baseline], config.models[sheet.candidate]
    if candidate.status is Status.RETIRED:
        yield file.warning(("candidate",), "is a retired model")
    yield from _arms(file, config, baseline, candidate)


def _arms(file: Written, config: Config, baseline: Model, candidate: Model) -> Iterator[Problem]:
    first, second = config.upstream(baseline.upstream), config.upstream(candidate.upstream)
    if first is None or second is None or first is second:
        return
    if first.dialect is not second.dialect:
        yield file.problem(
            ("candidate",),
            f"speaks {second.dialect} and the baseline {first.dialect}",
            "both arms must share a dialect",
        )
    if second.key is None:
        yield file.problem(
            ("candidate",),
            f"is on upstream {second.name}, which has no key of its own",
            "the callers' keys are for the baseline's upstream; give that one key_env or key_file",
        )
    elif first.key is None:
        yield file.warning(
            ("candidate",),
            f"has the key of upstream {second.name}, the baseline its callers' keys: "
            "a 429 counts against the candidate alone",
        )
