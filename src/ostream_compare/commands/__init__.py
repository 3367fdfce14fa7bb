"""Sub-commands that make no comparison; each module is loaded when its command is called."""

from collections.abc import Mapping

HELP: Mapping[str, str] = {
    "models": "List the models of a file: key present, price known, endpoint reachable."
    "\n\nEach endpoint is asked for its list of models, with its key, for two seconds at most. No prompt is "
    "sent, and no key is shown."
    "\n\nExit codes: 0 every enabled model can run; 1 one cannot; 2 the file is wrong.",
    "history": "List earlier runs; search and delete them."
    "\n\nEvery run is logged as it happens, and found by words of its prompt, its models and its answers. "
    "--delete removes the log for good; saved results stay. Where there is nobody to ask, it takes --yes."
    "\n\nExit codes: 0 listed or deleted; 1 not deleted; 2 a wrong flag, or no such run.",
    "show": "Print the table and the answers of an earlier run: ID, the beginning of one, or last."
    "\n\nExit codes: 0 printed; 2 no such run, or its log cannot be read.",
    "export": "Write an earlier run as TOML, JSON, CSV and more: ID, the beginning of one, or last."
    "\n\nExit codes: 0 written; 2 no such run, or a file that cannot be written.",
    "rank": "Rank the models by your blind votes: Bradley-Terry ratings with intervals."
    "\n\nCounts the votes of all logged runs and saved comparisons, and of files (--import: JSONL or CSV "
    "with winner, loser and tie; nothing of them is kept). Votes on the demo's canned answers are left out, "
    "which is said, unless --demo is given. Ranks come when every model has 10 votes and "
    "votes link all models; before that it says what is missing."
    "\n\nExit codes: 0 ranked; 1 there are too few votes; 2 a wrong flag, or a file that is none of votes.",
    "doctor": "Say what this machine offers: versions, paths, keys, terminal, clipboard, local servers."
    "\n\nOf a key only the name of its variable is shown. Local servers are asked for their list of models "
    "on the usual ports of this machine, for a quarter of a second. That results can be saved is tried with "
    "a small file, which is removed."
    "\n\nExit codes: 0 nothing is in the way; 1 results could not be saved, or your own file is wrong.",
    "schema": "Print the JSON Schema of the TOML, for editors."
    "\n\nostream-compare schema > models.schema.json, and as a file's first line "
    "#:schema ./models.schema.json"
    "\n\nExit codes: 0 printed; 2 a wrong flag.",
    "init": "Write a starter TOML: from what this machine has, or from what an endpoint lists."
    "\n\nWithout --from it has a model of each provider whose well-known key variable is set, the models of "
    "local servers, and the demo. With --from, the models that the endpoint lists: the first 4 enabled, up "
    "to 50 in all. A file that is there is kept."
    "\n\nExit codes: 0 written; 2 a wrong flag, or the file is there; 3 the endpoint gave no list.",
}
"""By the name that module, function and command share; it stands here so that `--help` loads none of them."""

REPLAY = (
    "Play an earlier run again: ID, the beginning of one, or last."
    "\n\nThe same panes and the same timing, no network and no cost; the figures are those that were "
    "measured then. Without a terminal its table is printed. A replay is not logged."
    "\n\nExit codes: 0 played or printed; 2 a wrong flag, or no such run."
)
"""Of the command that opens the UI, and so stands above these."""
