"""How much is read. Beyond these a file is refused in one line, before it fills the memory."""

MOST_BYTES = 512 * 1024**2  # of a file
MOST_UNPACKED = 512 * 1024**2  # bytes of what a compressed file unpacks to
MOST_COLUMNS = 2_000
MOST_ROWS = 5_000_000
MOST_CELL = 1_000_000  # characters; two hours of speech are about 40,000
