"""Is this file really a picture, and how is it kept so that it can harm nobody?"""

import io

from survey.problem import Problem

MAX_BYTES = 200_000
LONGEST_SIDE = 512
_MAX_POINTS = 16_000_000


def read_logo(content: bytes, where: str) -> bytes:
    """The picture in a PNG or JPEG file, drawn anew as a small PNG: nothing else in the file is kept.

    What kind it is, its content says, never its name. Raises ``Problem`` for what is too large or no such picture.
    """
    from PIL import Image

    if len(content) > MAX_BYTES:
        raise Problem("logo.too_large", where=where, limit=MAX_BYTES // 1000)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as found:
            if found.width * found.height > _MAX_POINTS:
                raise Problem("logo.too_many_points", where=where)
            picture = found.convert("RGBA")
    except Problem:
        raise
    except Exception as error:  # a broken picture raises whatever its broken part leads to
        raise Problem("logo.no_picture", where=where) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()
