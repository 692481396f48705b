"""Office files are ZIP archives: here they lose what tells the moment of writing, so that the same data give the same
bytes.
"""

import io
import re
import zipfile
from datetime import datetime

MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
PROPERTIES = "docProps/core.xml"


def settled(content: bytes, *, at: datetime) -> bytes:
    """Give an office file with `at` as the time of all its parts and of its making."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            part = source.read(name)
            if name == PROPERTIES:
                part = MODIFIED.sub(rb"\g<1>" + moment + rb"\g<3>", part)
            entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            made.writestr(entry, part)
    return target.getvalue()
