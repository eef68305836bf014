#!/usr/bin/env python3
"""Makes every icon from todoke.svg. Needs rsvg-convert (Debian: librsvg2-bin); otherwise the standard library alone.

Usage: icons/make.py
"""

import pathlib
import struct
import subprocess
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "todoke.svg"
PNGS = {"32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}
ICO_SIZES = (16, 24, 32, 48, 64, 256)


def png(size: int) -> bytes:
    """Renders the drawing; Tauri wants RGBA, which rsvg-convert always writes."""
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), str(SOURCE)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def pixels(data: bytes) -> tuple[int, int, list[bytearray]]:
    """Decodes an 8-bit RGBA PNG into its rows."""
    position, compressed, width, height = 8, b"", 0, 0
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlace) == (8, 6, 0), "expected 8-bit RGBA, not interlaced"
        elif kind == b"IDAT":
            compressed += body
        position += length + 12
    raw, rows, above = zlib.decompress(compressed), [], bytearray(width * 4)
    for y in range(height):
        start = y * (width * 4 + 1)
        method, row = raw[start], bytearray(raw[start + 1 : start + 1 + width * 4])
        for x in range(width * 4):
            left = row[x - 4] if x >= 4 else 0
            corner = above[x - 4] if x >= 4 else 0
            row[x] = (row[x] + predicted(method, left, above[x], corner)) & 0xFF
        rows.append(row)
        above = row
    return width, height, rows


def predicted(method: int, left: int, up: int, corner: int) -> int:
    """The five filters of PNG."""
    if method == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda value: abs(estimate - value))
    return (0, left, up, (left + up) // 2)[method]


def bitmap(data: bytes) -> bytes:
    """Turns a PNG into the bitmap that every Windows tool reads in an .ico: BGRA, bottom row first, and a 1-bit mask."""
    width, height, rows = pixels(data)
    header = struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, 32, 0, 0, 0, 0, 0, 0)
    colours, mask = bytearray(), bytearray()
    for row in reversed(rows):
        bits = bytearray((width + 31) // 32 * 4)
        for x in range(width):
            red, green, blue, alpha = row[x * 4 : x * 4 + 4]
            colours += bytes((blue, green, red, alpha))
            if alpha == 0:
                bits[x // 8] |= 0x80 >> x % 8
        mask += bits
    return header + colours + mask


def ico() -> bytes:
    """Packs all sizes; 256 stays a PNG, as Windows itself does it."""
    images = [png(size) if size == 256 else bitmap(png(size)) for size in ICO_SIZES]
    directory, offset = struct.pack("<HHH", 0, 1, len(images)), 6 + 16 * len(images)
    for size, image in zip(ICO_SIZES, images):
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return directory + b"".join(images)


def main() -> None:
    for name, size in PNGS.items():
        (HERE / name).write_bytes(png(size))
    (HERE / "icon.ico").write_bytes(ico())


if __name__ == "__main__":
    main()
