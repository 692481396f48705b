"""Draws parts in a process of its own: `python -m reports.pages.worker MEGABYTES FACES FOLDER...`

Reads a line of JSON for each part, writes the drawn part to the file that it names, and answers with a line of JSON.
Unpacked faces are kept in the folder FACES, static files are in the FOLDERs. The process may take that much memory and
no more, and ends with the one that started it.
"""

import gc
import json
import os
import resource
import select
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.pages.drawing import Attached, Drawer
from reports.pages.keeping import NO_ROOM, write


def main() -> None:
    limit = int(sys.argv[1]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # Answers alone go to the pipe; WeasyPrint prints when a library is missing.
    answers, sys.stdout = sys.stdout, sys.stderr
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What a part has built goes as a whole, after it: to look for garbage on the way takes a quarter of the time.
    gc.disable()
    drawer = Drawer([Path(folder) for folder in sys.argv[3:]], unpacked=Path(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(_draw(drawer, json.loads(line))), file=answers, flush=True)
        gc.collect()


def _draw(drawer: Drawer, order: dict[str, Any]) -> dict[str, Any]:
    """Draw one part. Tell its pages and what kept it from being drawn: `memory`, `disk`, `other`, or nothing."""
    told = order["attached"]
    attached = Attached(**{**told, "at": datetime.fromisoformat(told["at"])}) if told else None
    try:
        pdf = drawer.draw(order["html"], part=order["name"], attached=attached)
        write(Path(order["file"]), pdf)
    except MemoryError:
        return {"fault": "memory", "pages": 0}
    except OSError as fault:
        traceback.print_exc()
        return {"fault": "disk" if fault.errno in NO_ROOM else "other", "pages": 0}
    except Exception:
        traceback.print_exc()
        return {"fault": "other", "pages": 0}
    return {"fault": "", "pages": pdf.pages}


def _end_with_parent() -> None:
    """End in the middle of a part when the other end of the pipe is gone: nobody waits for it any more."""
    watched = select.poll()
    watched.register(sys.stdin.fileno(), 0)
    while not any(what & (select.POLLHUP | select.POLLERR) for _file, what in watched.poll()):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
