"""How large content may be, and why; a house of hundreds of people stays far below."""

# A rule file is read by people; the largest in practice have a few thousand lines.
MAX_FILE_BYTES = 1024 * 1024
# Documents of one file, parted by `---`.
MAX_DOCUMENTS = 100
# Keys, values, lists and mappings of one document, aliases written out.
MAX_NODES = 100_000
# What aliases may add to one document: the bound against texts that unfold without end.
MAX_ALIASED_NODES = 10_000
# Nesting; also keeps every recursion over a tree far from the interpreter's own bound.
MAX_DEPTH = 40
# Keys name things, and names stand in answers, tables and logs.
MAX_KEY_LENGTH = 128
# What JSON readers and 64-bit columns hold.
MAX_INTEGER = 2**63 - 1
# What is judged of one line where YAML stumbles: patterns take the square of its length.
MAX_JUDGED = 1000
# Mistakes of one file that are named; nobody mends more before saving again.
MAX_PROBLEMS = 500
# Bytes of all files of one house together.
MAX_HOUSE_BYTES = 256 * 1024 * 1024
# Files of one house, and how deep its folders go.
MAX_FILES = 10_000
MAX_FOLDER_DEPTH = 20
