"""`python -m tests.app.api.saving_server <port>`: our routes alone, on the workspace of FOVEAL_HOME; to be killed.

`... make <dataset> <samples>` makes a dataset there instead, and prints the ids of its samples.
"""

import sys

import uvicorn
from starlette.applications import Starlette

from app.api.routes import routes
from datasets.storage import collection, database, store
from datasets.workspace import settle

if __name__ == "__main__":
    settle()
    database.ensure()
    if sys.argv[1] == "make":
        store.create(sys.argv[2], {"boxes": "detections"})
        made = (collection.sample_document(f"/nowhere/{number}.png") for number in range(int(sys.argv[3])))
        print(*collection.insert(sys.argv[2], made))
    else:
        uvicorn.run(Starlette(routes=routes()), port=int(sys.argv[1]), log_level="error")
