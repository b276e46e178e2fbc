"""``plan``: what a run would ask, cost, take and be able to say. Nothing is sent."""

from argparse import Namespace
from dataclasses import replace

from harness.commands.asking import chosen, named_endpoint, overrides_of
from harness.runner.registry import load_task, parse_prompts, read_card, task_folders


def plan(arguments: Namespace) -> int:
    """Print the forecast; with ``--register`` write the plan and its hash."""
    from harness.reported import load_reported
    from harness.runner.planned_text import told
    from harness.runner.planning import TOKENS_PER_S, Asked, look_ahead
    from harness.runner.registration import Registering, content_of, register, to_publish

    profile = named_endpoint(arguments)
    tasks, repeats = chosen(arguments)
    prompts = parse_prompts(arguments.prompt)
    refs = [replace(one.ref, seed=arguments.seed, prompt=prompts.get(one.ref.name)) for one in tasks]
    looks = arguments.looks or 1
    reported = load_reported(arguments.reported or profile.reported or "longcat-2.0")
    asked = Asked(arguments.budget, arguments.concurrency, arguments.tokens_per_second or TOKENS_PER_S, looks)
    outlook = look_ahead(
        [read_card(ref)[0] for ref in refs],
        profile=profile,
        reported=reported,
        overrides={one.ref.name: overrides_of(one, arguments, repeats) for one in tasks},
        asked=asked,
        margin=arguments.for_margin,
        known=task_folders(arguments.tasks_path),
        table_named=arguments.reported is not None,
    )
    print(f"{profile.model} at {profile.name} ({profile.base_url}), against the table {reported.name}")
    print(told(outlook, asked), end="")
    if arguments.register is not None:
        registered = [
            Registering(task.settings, task.items, *read_card(ref), load_task(ref).prompts())
            for task, ref in zip(outlook.tasks, refs, strict=True)
        ]
        content = content_of(model=profile.model, reported=reported, seed=arguments.seed, tasks=registered, looks=looks)
        print(to_publish(register(content, arguments.register), arguments.register))
    return 0
