"""GeMQuAD: small models for a language with almost no data (arXiv 2404.09163), for questions and other tasks (2412.06738).

The method. A student is trained on English gold alone: the *baseline*. A *generator*, a large language model that is never
fine-tuned, writes question-answer pairs about passages in the target language, or texts of a given label. The student of the
round before, the *weak labeler*, answers each of them; the pairs on which both agree are *silver*. A new student is trained on
silver, then on gold, and scored on dev. It is the weak labeler of the next *round*. The loop ends when dev or the new silver
stops growing.

The modules, in reading order:

    schema/      what crosses stages: records, and the results that metrics files hold
    params       the settings, typed and checked
    sources/     from files and the hub to gold, exemplars, passages, dev and test; the leak gate
    tasks/       what a task is: a folder for each kind, with its definition, format, prompts and head
    generation/  prompts, decoding, the choice of synthetic pairs
    student/     the small model: training, inference, cross-fitting
    rounds/      silver, stopping, selection; the filter audited; the systems a round is compared with
    scoring/     metrics, their intervals, what may be claimed; diversity
    views/       a task for people: pairs and answers to read, its names on the hub
    report/      the page, the table and the plots at the end
    cards/       the cards of what is shared; `sharing` puts it on the hub
    tracking/    MLflow: runs, models, registry
    serving/     a student outside of the pipeline: transformers' pipelines, ONNX
    diff/        two runs side by side
    monitor/     a run in one live view
    doctor/      what the settings need of a machine, and what to change
    stages/      one file per stage of dvc.yaml
    commands/    the commands of `gemquad`, which `cli` puts together

and beneath them: parquet (records), files (text and JSON), git, spans (places in passages), scripts (of letters), weights
(where models come from), compute (device and precision), compose (params.yaml from conf/), params (the settings), sections and
setting_errors (how they are typed), languages (their codes), workspace (every path of a run), code_lock, progress, copying,
commandline, errors.
"""

import sys

# A program of ours starts; else this is a library in another's.
if sys.argv[0] == "-m" or sys.argv[0].endswith("/gemquad"):
    from gemquad.signals import exit_at_once

    exit_at_once()
    # On a full disk Python 3.11 leaves a cut .pyc, with which every later run fails (EOFError: marshal data too short). To compile
    # the fifty modules of a stage anew takes under a tenth of a second.
    sys.dont_write_bytecode = True
