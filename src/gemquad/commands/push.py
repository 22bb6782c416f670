"""Push the student and the silver to the hub, with their cards.

They are the folders that the stage `release` made. A push needs a token that may write, in HF_TOKEN; `--dry-run` needs none.
"""

import argparse

from gemquad.errors import UserError
from gemquad.workspace import Workspace

EXAMPLES = (
    "gemquad push --model OWNER/reader --dry-run",
    "HF_TOKEN=… gemquad push --model OWNER/reader --dataset OWNER/silver --private",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The repositories to push to, and their visibility."""
    parser.add_argument("--model", metavar="OWNER/NAME", help="the repository for models/release")
    parser.add_argument("--dataset", metavar="OWNER/NAME", help="the repository for data/release")
    parser.add_argument("--private", action="store_true", help="make new repositories private; refuse public ones")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be sent")


def run(args: argparse.Namespace) -> None:
    """Push the student and the silver to the named repositories, and print their addresses."""
    from gemquad.sharing import Upload, hub, push

    uploads = [Upload(Workspace().released_model, "model", args.model)] if args.model else []
    uploads += [Upload(Workspace().released_data, "dataset", args.dataset)] if args.dataset else []
    if not uploads:
        raise UserError("say what to push: gemquad push --model OWNER/NAME, --dataset OWNER/NAME, or both.")
    for upload in uploads:
        for file in upload.files() if args.dry_run else ():
            print(f"{upload.kind} {upload.name}: {file.relative_to(upload.folder)}, {file.stat().st_size} bytes")
    if not args.dry_run:
        api = hub()
        for upload in uploads:
            print(push(upload, api, args.private))
